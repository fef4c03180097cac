import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo } from "node:net";
import { connect, createServer } from "node:tls";

import { type Authority, isDue, issueAuthority, issueServer } from "../../../certificates/issue";
import { type KeyPair, split } from "../../../certificates/pem";

const DAY_MS = 24 * 60 * 60 * 1000;
const HOSTS = ["localhost", "edu-postgres", "127.0.0.1"];
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);

/** Why a client that trusts the authorities rejects the server's certificate; undefined if it accepts it. */
async function refusal(
  { certificate: cert, privateKey: key }: KeyPair,
  trusted: string,
  servername = "localhost",
): Promise<string | undefined> {
  const server = createServer({ cert, key }, (socket) => socket.on("error", () => undefined).end());
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise((resolve) => {
      const client = connect({ host: "127.0.0.1", port, servername, ca: split(trusted) });
      client.on("secureConnect", () => resolve(undefined));
      client.on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
      client.on("close", () => client.destroy());
    });
  } finally {
    server.close();
  }
}

describe("a server's certificate of a stack's own authority", () => {
  let authority: Authority;
  let server: KeyPair;
  before(async () => {
    authority = await issueAuthority("dev", { days: 3_650 });
    server = await issueServer(HOSTS, authority, { days: 365 });
  });

  it("is accepted by clients that trust the authority", async () => {
    assert.equal(await refusal(server, authority.trusted), undefined);
  });

  it("is rejected by clients that trust another authority of the same name", async () => {
    const other = await issueAuthority("dev", { days: 3_650 });
    assert.equal(await refusal(server, other.trusted), "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  });

  it("is valid for its hosts only", async () => {
    const { subjectAltName } = new X509Certificate(server.certificate);
    assert.equal(subjectAltName, "DNS:localhost, DNS:edu-postgres, IP Address:127.0.0.1");
    assert.equal(
      await refusal(server, authority.trusted, "edu-redis"),
      "ERR_TLS_CERT_ALTNAME_INVALID",
    );
  });

  it("cannot issue another certificate", async () => {
    const forged = await issueServer(["edu-redis"], { ...server, bridge: "" }, { days: 1 });
    const chain = { ...forged, certificate: forged.certificate + server.certificate };
    assert.notEqual(await refusal(chain, authority.trusted, "edu-redis"), undefined);
    assert.equal(await refusal(server, authority.trusted, "edu-postgres"), undefined);
  });

  it("has a key of its own, not the authority's", () => {
    const leaf = new X509Certificate(server.certificate);
    assert.ok(leaf.checkPrivateKey(createPrivateKey(server.privateKey)));
    assert.notEqual(server.privateKey, authority.privateKey);
  });

  it("is valid for the given number of days, from a moment ago", async () => {
    const { validFrom, validTo } = new X509Certificate(server.certificate);
    assert.ok(Math.abs(Date.parse(validTo) - inDays(365).getTime()) < 60_000);
    assert.ok(Date.parse(validFrom) < Date.now());
  });
});

describe("the renewal of a certificate", () => {
  const moments: [days: number, due: boolean][] = [
    [0, false],
    [59, false],
    [61, true],
    [91, true],
  ];
  for (const [days, due] of moments) {
    it(`is ${due ? "" : "not "}due on day ${days} of 90`, async () => {
      const { certificate } = await issueAuthority("dev", { days: 90 });
      assert.equal(isDue(certificate, inDays(days)), due);
    });
  }
});

describe("an authority that succeeds another", () => {
  let old: Authority;
  let next: Authority;
  let server: KeyPair;
  before(async () => {
    old = await issueAuthority("dev", { days: 90 });
    next = await issueAuthority("dev", { days: 90, now: inDays(60) }, old);
    // Renewed at the time of the test, since the client checks dates against its own clock.
    const renewedNow = await issueAuthority("dev", { days: 90 }, old);
    server = await issueServer(HOSTS, renewedNow, { days: 30 });
  });

  it("lets clients that trust only the old one connect to its servers", async () => {
    assert.equal(split(server.certificate).length, 2);
    assert.equal(await refusal(server, old.trusted), undefined);
  });

  it("lets clients that trust both connect to servers of the old one", async () => {
    assert.equal(split(next.trusted).length, 2);
    const before = await issueServer(HOSTS, old, { days: 30 });
    assert.equal(await refusal(before, next.trusted), undefined);
  });

  it("has a cross-signed certificate that expires with the old one", () => {
    const ends = [next.bridge, old.certificate].map((pem) => new X509Certificate(pem).validTo);
    assert.ok(Math.abs(Date.parse(ends[0]) - Date.parse(ends[1])) < 2_000, ends.join(" | "));
  });

  it("drops the old one once that has expired", async () => {
    const late = await issueAuthority("dev", { days: 90, now: inDays(100) }, old);
    assert.equal(late.bridge, "");
    assert.deepEqual(split(late.trusted), split(late.certificate));
  });
});
