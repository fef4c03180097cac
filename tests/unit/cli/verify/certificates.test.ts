import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer as createInClear, type Server } from "node:net";
import { createServer, TLSSocket } from "node:tls";

import { issueAuthority, issueServer } from "../../../../certificates/issue";
import { judgeCertificate, validTo } from "../../../../cli/verify/certificates";
import { isRefusal } from "../../../../cli/verify/errors";

const NOW = new Date("2026-01-01T00:00:00Z");
const inDays = (days: number) => new Date(NOW.getTime() + days * 86_400_000);

async function withServer(server: Server, act: (address: string) => Promise<void>): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await act(`localhost:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
}

describe("a certificate", () => {
  it("is right with two weeks left, and wrong with less", () => {
    const verdict = (days: number) => judgeCertificate("c", inDays(days), NOW).verdict;
    assert.deepStrictEqual([verdict(14), verdict(13), verdict(-1)], ["right", "wrong", "wrong"]);
    assert.strictEqual(
      judgeCertificate("c", inDays(30), NOW).found,
      "30 days left, until 2026-01-31",
    );
  });

  it("is read from the server, over TLS and as PostgreSQL speaks it", async () => {
    const authority = await issueAuthority("test", { days: 30 });
    const { certificate: cert, privateKey: key } = await issueServer(["localhost"], authority, {
      days: 20,
    });
    const isSoon = (end: Date) => Math.abs(end.getTime() - Date.now() - 20 * 86_400_000) < 60_000;
    await withServer(createServer({ cert, key }), async (address) => {
      assert.ok(isSoon(await validTo({ address }, authority.trusted)));
    });
    const postgres = createInClear((socket) =>
      socket.once("data", (request) => {
        assert.strictEqual(request.toString("hex"), "0000000804d2162f");
        socket.write("S");
        new TLSSocket(socket, { isServer: true, cert, key }).on("error", () => undefined);
      }),
    );
    await withServer(postgres, async (address) => {
      assert.ok(isSoon(await validTo({ address, isPostgres: true }, authority.trusted)));
    });
  });

  it("is refused where a client would refuse it", async () => {
    const [authority, other] = await Promise.all([
      issueAuthority("test", { days: 30 }),
      issueAuthority("other", { days: 30 }),
    ]);
    const { certificate: cert, privateKey: key } = await issueServer(["localhost"], authority, {
      days: 20,
    });
    await withServer(createServer({ cert, key }), (address) =>
      assert.rejects(validTo({ address }, other.trusted), isRefusal),
    );
  });

  it("cannot be read from a server that does not encrypt", async () => {
    const plain = createInClear((socket) => socket.once("data", () => socket.end("N")));
    await withServer(plain, (address) =>
      assert.rejects(validTo({ address, isPostgres: true }, ""), /does not encrypt/),
    );
  });
});
