import assert from "node:assert/strict";
import { createPrivateKey, KeyObject, webcrypto } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Authority, issueAuthority, issueServer } from "../../../certificates/issue";
import { type KeyPair } from "../../../certificates/pem";
import { CertificateFilesError, readCertificates } from "../../../certificates/supplied";
import * as x509 from "../../../certificates/x509";

const HOSTS = ["localhost", "edu-postgres"];

describe("supplied certificates", () => {
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

  it("are used as they are", () => {
    write({});
    assert.deepEqual(readCertificates(directory, HOSTS), {
      trusted: authority.certificate,
      certificate: server.certificate,
      privateKey: server.privateKey,
    });
  });

  it("may have a key in OpenSSL's older form, which becomes PKCS #8", () => {
    const key = createPrivateKey(server.privateKey);
    write({ key: key.export({ type: "sec1", format: "pem" }).toString() });
    assert.equal(readCertificates(directory, HOSTS).privateKey, server.privateKey);
  });

  it("may contain intermediates, and the authority at the end of the chain", async () => {
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
      /tls\.key does not belong to the certificate in tls\.crt$/m,
    ],
    [
      "a chain that leads to another authority",
      () => ({ crt: other.certificate, key: other.privateKey }),
      /tls\.crt does not lead to an authority in ca\.crt; append the intermediate certificates$/m,
    ],
    [
      "a file that is not a key",
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

  it("are refused if they lack a host, with its name", () => {
    write({});
    assert.throws(
      () => readCertificates(directory, [...HOSTS, "edu-redis", "10.0.0.1"]),
      /tls\.crt is valid for DNS:localhost, DNS:edu-postgres, not for edu-redis, 10\.0\.0\.1$/m,
    );
  });

  it("are refused if tls.crt is the authority's own certificate, which names no host", () => {
    write({ crt: authority.certificate, key: authority.privateKey });
    assert.throws(
      () => readCertificates(directory, HOSTS),
      /tls\.crt is valid for no host, not for localhost, edu-postgres$/m,
    );
  });

  it("are refused if only clients may use them", async () => {
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
        assert.match(
          error.message,
          /^ +\S+tls\.crt may not be used by servers: its extended key usage lacks serverAuth$/m,
        );
        assert.equal(error.message.split("\n").length, 2, "nothing else is wrong with it");
        return true;
      },
    );
  });

  it("are refused before their first and after their last day", () => {
    write({});
    const day = 24 * 60 * 60 * 1000;
    const at = (days: number) => new Date(Date.now() + days * day);
    assert.throws(
      () => readCertificates(directory, HOSTS, { now: at(-1) }),
      /tls\.crt is not valid before/,
    );
    assert.throws(() => readCertificates(directory, HOSTS, { now: at(31) }), /tls\.crt expired on/);
  });

  it("are refused under an expired authority, unless a valid one is listed too", async () => {
    const start = new Date(Date.now() - 60 * 24 * 60 * 60 * 1000);
    const ended = await issueAuthority("theirs", { days: 30, now: start });
    const below = await issueServer(HOSTS, ended, { days: 90, now: start });
    write({ ca: ended.certificate, crt: below.certificate, key: below.privateKey });
    assert.throws(
      () => readCertificates(directory, HOSTS),
      /tls\.crt leads only to an expired authority in ca\.crt$/m,
    );
    write({ ca: ended.certificate + authority.certificate });
    assert.equal(readCertificates(directory, HOSTS).certificate, server.certificate);
  });

  it("are refused if the key has a passphrase", () => {
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

  it("are all named at once if they are missing", () => {
    assert.throws(
      () => readCertificates("tests/nowhere", HOSTS),
      (error: Error) => {
        for (const file of ["ca.crt", "tls.crt", "tls.key"]) {
          assert.ok(error.message.includes(`tests/nowhere/${file} does not exist`), file);
        }
        return true;
      },
    );
  });
});
