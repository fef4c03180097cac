import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

import { issueAuthority, issueServer } from "../../../../certificates/issue";
import { type CheckedRegistry, checkRegistry } from "../../../../components/kafka/registry-check";
import { closedPort } from "../../support/ports";

const LOGINS = {
  "schemaRegistry.users.user-service": { username: "us", password: "right" },
  "schemaRegistry.users.content-service": { username: "cs", password: "not-to-be-told" },
};

describe("the check of a schema registry that exists", () => {
  const servers: Server[] = [];
  afterEach(() =>
    servers.splice(0).forEach((server) => {
      server.closeAllConnections();
      server.close();
    }),
  );

  const listen = async (server: Server, scheme = "http") => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `${scheme}://localhost:${(server.address() as AddressInfo).port}`;
  };
  /** A registry that knows one login. */
  const registry = () =>
    listen(
      createServer((request, response) => {
        const isKnown = request.headers.authorization === `Basic ${btoa("us:right")}`;
        response.statusCode = request.url !== "/subjects" ? 404 : isKnown ? 200 : 401;
        response.end("[]");
      }),
    );

  const found = async (of: Partial<CheckedRegistry> & { url: string }) =>
    (await checkRegistry({ logins: {}, ...of }, 1_000)).map(
      ({ kind, key, reason }) => `${kind}: ${key} ${reason}`,
    );

  it("finds nothing where each login is let in, nor where there is none to ask with yet", async () => {
    const url = await registry();
    const key = "schemaRegistry.users.user-service" as const;
    assert.deepStrictEqual(await found({ url, logins: { [key]: LOGINS[key] } }), []);
    assert.deepStrictEqual(await found({ url: `${url}/` }), []);
  });

  it("names each login that is refused, and no password", async () => {
    const url = await registry();
    assert.deepStrictEqual(await found({ url, logins: LOGINS }), [
      `fault: schemaRegistry.users.content-service is refused by ${url} (401), as cs`,
    ]);
  });

  it("refuses an address of something else", async () => {
    const url = `${await registry()}/api`;
    assert.deepStrictEqual(await found({ url }), [
      `fault: schemaRegistry.url must be that of a schema registry: ${url} answers 404 when asked for /subjects`,
    ]);
  });

  it("finds a registry out of reach that does not answer, not in time, or with an error", async () => {
    const closed = `http://127.0.0.1:${await closedPort()}`;
    assert.match(
      (await found({ url: closed }))[0],
      /^out of reach: schemaRegistry\.url .*ECONNREF/,
    );
    const silent = await listen(createServer(() => undefined));
    assert.match(
      (await found({ url: silent }))[0],
      /^out of reach: schemaRegistry\.url .*no answer within 1 s/,
    );
    const broken = await listen(
      createServer((_, response) => {
        response.statusCode = 503;
        response.end();
      }),
    );
    assert.match((await found({ url: broken }))[0], /^out of reach: .* which answers 503/);
  });

  it("trusts the authorities of the cluster, and names where to change them, or the URL", async () => {
    const authority = await issueAuthority("own", { days: 1 });
    const { certificate, privateKey } = await issueServer(["localhost"], authority, { days: 1 });
    const url = await listen(
      createTlsServer({ cert: certificate, key: privateKey }, (_, response) => response.end("[]")),
      "https",
    );
    assert.deepStrictEqual(await found({ url, trusted: authority.trusted }), []);
    assert.match((await found({ url }))[0], /^fault: kafkaCluster\.caFile must name the authority/);
    const clear = (await registry()).replace("http:", "https:");
    assert.deepStrictEqual(await found({ url: clear }), [
      `fault: schemaRegistry.url must begin with http: ${clear} does not encrypt`,
    ]);
  });
});
