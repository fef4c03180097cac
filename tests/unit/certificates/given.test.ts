import assert from "node:assert/strict";
import { createPrivateKey, KeyObject, webcrypto } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CertificateFilesError, readCertificates } from "../../../certificates/given";
import { type Authority, issueAuthority, issueServer } from "../../../certificates/issue";
import { type KeyPair } from "../../../certificates/pem";
import * as x509 from "../../../certificates/x509";

const HOSTS = ["localhost", "edu-postgres"];

describe("certificates that somebody else has issued", () => {
  let directory: string;
  let authority: Authority;
  let server: KeyPair;
  let other: KeyPair;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "certificates-"));
    authority = await issueAuthority("theirs", { days: 90 });
    server = await issueServer(HOSTS, authority, { days: 30 });
    other = await issueServer(HOSTS, await issueAuthority("others", { days: 90 }), { days: 30 });
  });
  after(() => rmSync(directory, { recursive: true }));

  const write = (files: { ca?: string; crt?: string; key?: string }) => {
    writeFileSync(join(directory, "ca.crt"), files.ca ?? authority.certificate);
    writeFileSync(join(directory, "tls.crt"), files.crt ?? server.certificate);
    writeFileSync(join(directory, "tls.key"), files.key ?? server.privateKey);
  };

  it("are taken as they are", () => {
    write({});
    assert.deepEqual(readCertificates(directory, HOSTS), {
      trusted: authority.certificate,
      certificate: server.certificate,
      privateKey: server.privateKey,
    });
  });

  it("are taken with a key in OpenSSL's older form, which becomes PKCS #8", () => {
    const key = createPrivateKey(server.privateKey);
    write({ key: key.export({ type: "sec1", format: "pem" }).toString() });
    assert.equal(readCertificates(directory, HOSTS).privateKey, server.privateKey);
  });

  it("are taken with intermediates, and with the authority at the end of the chain", async () => {
    const renewed = await issueAuthority("theirs", { days: 90 }, authority);
    const chained = await issueServer(HOSTS, renewed, { days: 30 });
    write({ crt: chained.certificate + authority.certificate, key: chained.privateKey });
    const { certificate } = readCertificates(directory, HOSTS);
    assert.equal(certificate, chained.certificate + authority.certificate);
  });

  const refusals: [title: string, files: () => Parameters<typeof write>[0], reason: RegExp][] = [
    [
      "a key of another certificate",
      () => ({ key: other.privateKey }),
      /tls\.key is the key of another certificate$/m,
    ],
    [
      "a chain that ends elsewhere",
      () => ({ crt: other.certificate, key: other.privateKey }),
      /tls\.crt does not lead to an authority of ca\.crt/,
    ],
    [
      "a file that is no key",
      () => ({ key: "secret" }),
      /tls\.key cannot be read as a private key/,
    ],
    ["a file without a certificate", () => ({ ca: "" }), /ca\.crt cannot be read as certificates/],
  ];
  for (const [title, files, reason] of refusals) {
    it(`are refused with ${title}`, () => {
      write(files());
      assert.throws(
        () => readCertificates(directory, HOSTS),
        (error: unknown) => {
          assert.ok(error instanceof CertificateFilesError);
          assert.match(error.message, reason);
          assert.doesNotMatch(error.message, /secret|BEGIN/);
          return true;
        },
      );
    });
  }

  it("are refused for servers that they are not for, by name", () => {
    write({});
    assert.throws(
      () => readCertificates(directory, [...HOSTS, "edu-redis", "10.0.0.1"]),
      /tls\.crt is for DNS:localhost, DNS:edu-postgres, and not for edu-redis, 10\.0\.0\.1$/m,
    );
  });

  it("are refused with an authority's own certificate, which is for no server and no host", () => {
    write({ crt: authority.certificate, key: authority.privateKey });
    assert.throws(
      () => readCertificates(directory, HOSTS),
      /tls\.crt is for nobody, and not for localhost, edu-postgres$/m,
    );
  });

  it("are refused where they are for clients alone", async () => {
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const made = await x509.X509CertificateGenerator.createSelfSigned({
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
        new x509.SubjectAlternativeNameExtension(HOSTS.map((value) => ({ type: "dns", value }))),
      ],
    });
    const key = KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" });
    write({ ca: made.toString("pem"), crt: made.toString("pem"), key: key.toString() });
    assert.throws(
      () => readCertificates(directory, HOSTS),
      (error: Error) => {
        assert.match(error.message, /^ +\S+tls\.crt is not for servers \(extended key usage\)$/m);
        assert.equal(error.message.split("\n").length, 2, "nothing else is wrong with it");
        return true;
      },
    );
  });

  it("are refused before they begin, and after they ended", () => {
    write({});
    const day = 24 * 60 * 60 * 1000;
    const at = (days: number) => new Date(Date.now() + days * day);
    assert.throws(() => readCertificates(directory, HOSTS, at(-1)), /tls\.crt begins on/);
    assert.throws(() => readCertificates(directory, HOSTS, at(31)), /tls\.crt ended on/);
  });

  it("are refused below an authority that has ended, and taken where it is not the only one", async () => {
    const start = new Date(Date.now() - 60 * 24 * 60 * 60 * 1000);
    const ended = await issueAuthority("theirs", { days: 30, now: start });
    const below = await issueServer(HOSTS, ended, { days: 90, now: start });
    write({ ca: ended.certificate, crt: below.certificate, key: below.privateKey });
    assert.throws(
      () => readCertificates(directory, HOSTS),
      /tls\.crt leads to no authority of ca\.crt but one that has ended$/m,
    );
    write({ ca: ended.certificate + authority.certificate });
    assert.equal(readCertificates(directory, HOSTS).certificate, server.certificate);
  });

  it("are refused with a key that asks for a passphrase", () => {
    const key = createPrivateKey(server.privateKey).export({
      type: "pkcs8",
      format: "pem",
      cipher: "aes-256-cbc",
      passphrase: "theirs",
    });
    write({ key: key.toString() });
    assert.throws(
      () => readCertificates(directory, HOSTS),
      /tls\.key cannot be read as a private key in PEM without a passphrase$/m,
    );
  });

  it("that are not there are all named at once", () => {
    assert.throws(
      () => readCertificates("tests/nowhere", HOSTS),
      (error: Error) => {
        for (const file of ["ca.crt", "tls.crt", "tls.key"]) {
          assert.ok(error.message.includes(`tests/nowhere/${file} is not there`), file);
        }
        return true;
      },
    );
  });
});
