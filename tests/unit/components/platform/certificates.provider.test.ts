import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";

import { type Authority, issueAuthority } from "../../../../certificates/issue";
import { split } from "../../../../certificates/pem";
import * as authorityProvider from "../../../../components/platform/certificate-authority.provider";
import * as serverProvider from "../../../../components/platform/server-certificate.provider";

const DAY_MS = 24 * 60 * 60 * 1000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);

describe("the plan of an authority", () => {
  const inputs = { name: "learning-platform dev", days: 90 };

  it("changes nothing while its certificate has a third of its validity left", async () => {
    const { outs } = await authorityProvider.create(inputs);
    assert.deepEqual(await authorityProvider.diff("id", outs, inputs), { changes: false });
  });

  it("renews it after that, and still trusts the old one", async () => {
    const old = await issueAuthority(inputs.name, { days: 90, now: daysAgo(61) });
    const state = { ...inputs, ...old };
    assert.deepEqual(await authorityProvider.diff("id", state, inputs), { changes: true });
    const { outs } = await authorityProvider.update("id", state, inputs);
    assert.notEqual(outs!.certificate, old.certificate);
    assert.deepEqual(split(outs!.trusted).slice(1), split(old.certificate));
    assert.ok(
      new X509Certificate(outs!.bridge).verify(new X509Certificate(old.certificate).publicKey),
    );
  });
});

describe("the plan of a server's certificate", () => {
  let authority: Authority;
  const inputsOf = ({ certificate, privateKey, bridge }: Authority) => ({
    hosts: ["edu-postgres", "localhost"],
    days: 90,
    authorityCertificate: certificate,
    authorityKey: privateKey,
    authorityBridge: bridge,
  });
  before(async () => {
    authority = await issueAuthority("dev", { days: 3_650 });
  });

  it("changes nothing while the certificate has a third of its validity left", async () => {
    const { outs } = await serverProvider.create(inputsOf(authority));
    assert.deepEqual(await serverProvider.diff("id", outs, inputsOf(authority)), {
      changes: false,
    });
  });

  it("renews it after that", async () => {
    const { outs } = await serverProvider.create({ ...inputsOf(authority), days: 90 });
    const renewed = await issueAuthority("dev", { days: 90, now: daysAgo(61) });
    // Any certificate does whose time is as far gone.
    const state = { ...outs, certificate: renewed.certificate };
    assert.deepEqual(await serverProvider.diff("id", state, inputsOf(authority)), {
      changes: true,
    });
  });

  const changes: [title: string, change: () => Promise<object>][] = [
    ["another host", async () => ({ hosts: ["edu-redis", "localhost"] })],
    ["another lifetime", async () => ({ days: 30 })],
    [
      "an authority that was renewed",
      async () => inputsOf(await issueAuthority("dev", { days: 90 }, authority)),
    ],
  ];
  for (const [title, change] of changes) {
    it(`issues a new one for ${title}`, async () => {
      const { outs } = await serverProvider.create(inputsOf(authority));
      const news = { ...inputsOf(authority), ...(await change()) };
      assert.deepEqual(await serverProvider.diff("id", outs, news), { changes: true });
      const updated = (await serverProvider.update("id", outs, news)).outs!;
      assert.notEqual(updated.certificate, outs!.certificate);
      assert.ok(
        new X509Certificate(updated.certificate).verify(
          new X509Certificate(news.authorityCertificate).publicKey,
        ),
      );
    });
  }
});
