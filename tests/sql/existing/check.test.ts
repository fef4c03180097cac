import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { Client } from "pg";

import { issueAuthority, issueServer } from "../../../certificates/issue";
import { type CheckedPostgres, checkPostgres } from "../../../components/postgres/postgres-check";
import { server as suiteServer } from "../support/hooks";
import { type PostgresServer, startPostgres } from "../support/postgres";

const LIFETIME = { days: 1 };

/** A server of its own, because only a start turns encryption on. */
describe("the check of a PostgreSQL server that exists", () => {
  let server: PostgresServer;
  let folder: string;
  let authority: { certificate: string; privateKey: string };
  let other: string;

  before(async function () {
    this.timeout(60_000);
    folder = mkdtempSync(path.join(tmpdir(), "learning-platform-tls-"));
    chmodSync(folder, 0o755);
    const issued = await issueAuthority("own", LIFETIME);
    authority = issued;
    other = (await issueAuthority("another", LIFETIME)).certificate;
    const { certificate, privateKey } = await issueServer(
      ["localhost"],
      { ...issued, bridge: "" },
      LIFETIME,
    );
    const [crt, key] = ["tls.crt", "tls.key"].map((name) => path.join(folder, name));
    writeFileSync(crt, certificate);
    writeFileSync(key, privateKey, { mode: 0o600 });
    if (process.getuid?.() === 0) {
      const NOBODY = 65_534;
      chownSync(key, NOBODY, NOBODY);
    }
    server = await startPostgres({ ssl: "on", ssl_cert_file: crt, ssl_key_file: key });
    const client = new Client({ ...server, database: "postgres" });
    await client.connect();
    await client.query("create role narrow login password 'narrow'");
    await client.end();
  });
  after(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const login = (more: Partial<CheckedPostgres> = {}): CheckedPostgres => {
    const { port, user, password } = server;
    const address = { host: more.host ?? "localhost", port: more.port ?? port };
    return {
      ...{ ...address, direct: address, username: user, password, database: "postgres" },
      ...{ trusted: authority.certificate, connections: 10 },
      ...more,
    };
  };

  const faults: [title: string, more: () => Partial<CheckedPostgres>, expected: RegExp][] = [
    [
      "a wrong password",
      () => ({ password: "wrong" }),
      /^postgresServer\.password or username .*28P01/,
    ],
    [
      "a login that is not there",
      () => ({ username: "nobody" }),
      /^postgresServer\.password .*nobody/,
    ],
    [
      "a login that may create nothing",
      () => ({ username: "narrow", password: "narrow" }),
      /^postgresServer\.username must be a login .*: alter role narrow createdb createrole/,
    ],
    [
      "a database that is not there",
      () => ({ database: "gone" }),
      /^postgresServer\.database .* has no gone/,
    ],
    [
      "a certificate of another authority",
      () => ({ trusted: other }),
      /^postgresServer\.caFile must name the authority/,
    ],
    [
      "a certificate that the system does not trust",
      () => ({ trusted: "system" }),
      /^postgresServer\.caFile must name the authority/,
    ],
    [
      "a name that the certificate does not have",
      () => ({ host: "127.0.0.1" }),
      /^postgresServer\.host must be a name that the server's certificate has/,
    ],
    [
      "a server that does not encrypt",
      () => ({ ...suiteLogin(), trusted: authority.certificate }),
      /^postgresServer\.tls must be false/,
    ],
  ];
  for (const [title, more, expected] of faults) {
    it(`refuses ${title}, and names the key`, async () => {
      const findings = await checkPostgres(login(more()));
      const refused = findings.filter(({ kind }) => kind === "fault");
      assert.strictEqual(refused.length, 1, JSON.stringify(findings));
      assert.match(`${refused[0].key} ${refused[0].reason}`, expected);
      assert.ok(!JSON.stringify(findings).includes(server.password));
    });
  }

  const suiteLogin = () => {
    const { host, port, user, password } = suiteServer();
    return { host, port, direct: { host, port }, username: user, password };
  };

  it("accepts an encrypted connection to a server of a trusted authority", async () => {
    const findings = await checkPostgres(login());
    assert.deepStrictEqual(
      findings.filter(({ kind }) => kind !== "warning"),
      [],
    );
  });

  it("refuses a standby, and names the key", async () => {
    const standby = await startPostgres({ timezone: "UTC" }, 17, { standby: true });
    try {
      const { host, port, user, password } = standby;
      const address = { host, port };
      const findings = await checkPostgres({
        ...{ ...address, direct: address, username: user, password, database: "postgres" },
        connections: 10,
      });
      assert.deepStrictEqual(
        findings.map(({ key, kind }) => [key, kind]),
        [["postgresServer.host", "fault"]],
      );
      assert.match(findings[0].reason, /is a standby, and only reads/);
    } finally {
      await standby.stop();
    }
  });

  it("says that nothing answers, where nothing listens and where nobody says a word", async () => {
    const silent: Server = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const { port } = silent.address() as AddressInfo;
    const quiet = await checkPostgres(login({ host: "127.0.0.1", port, timeoutMs: 300 }));
    await new Promise((resolve) => silent.close(resolve));
    const closed = await checkPostgres(login({ host: "127.0.0.1", port }));
    const unknown = await checkPostgres(login({ host: "no-such-host.invalid" }));
    for (const [finding] of [quiet, closed, unknown]) {
      assert.deepStrictEqual([finding.key, finding.kind], ["postgresServer.host", "out of reach"]);
      assert.match(finding.reason, /^names .*, where no PostgreSQL answers/);
    }
  });

  it("asks the server itself where services connect through something else", async () => {
    const { direct } = login();
    const findings = await checkPostgres(login({ host: "127.0.0.1", port: 1, direct }));
    const [finding] = findings.filter(({ kind }) => kind !== "warning");
    assert.deepStrictEqual([finding.key, finding.kind], ["postgresServer.host", "out of reach"]);
    const behind = await checkPostgres(login({ direct: { host: "127.0.0.1", port: 1 } }));
    assert.strictEqual(behind[0].key, "postgresServer.migrationHost");
  });
});
