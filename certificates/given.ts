/** Certificates that somebody else has issued, as a folder holds them. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";

import { type KeyPair, split } from "./pem";

/** Names of the files, as Kubernetes and cert-manager call them. */
const FILES = { trusted: "ca.crt", certificate: "tls.crt", privateKey: "tls.key" } as const;

/** What is at fault with the files of a folder, all at once. */
export class CertificateFilesError extends Error {}

/**
 * Reads `ca.crt`, `tls.crt` (with its intermediates behind it) and `tls.key`, all PEM, and checks that they
 * belong together and to the servers.
 * @param hosts names and IP addresses by which clients reach the servers
 * @throws CertificateFilesError that lists every fault with its file, and quotes no key
 */
export function readCertificates(
  directory: string,
  hosts: readonly string[],
  now = new Date(),
): KeyPair & { trusted: string } {
  const faults: string[] = [];
  const read = <T>(kind: keyof typeof FILES, parse: (text: string) => T): T | undefined => {
    const file = join(directory, FILES[kind]);
    try {
      return parse(readFileSync(file, "utf8"));
    } catch (error) {
      // What a parser says of a key may quote it.
      const { code } = error as NodeJS.ErrnoException;
      const reason = code === "ENOENT" ? "is not there" : `cannot be read as ${EXPECTED[kind]}`;
      faults.push(`${file} ${reason}`);
      return undefined;
    }
  };
  const authorities = read("trusted", certificates);
  const chain = read("certificate", certificates);
  const key = read("privateKey", (text) => createPrivateKey(text));
  if (chain) {
    const file = join(directory, FILES.certificate);
    faults.push(...chainFaults(chain, authorities, hosts, now).map((fault) => `${file} ${fault}`));
    if (key && !chain[0].checkPrivateKey(key)) {
      faults.push(`${join(directory, FILES.privateKey)} is the key of another certificate`);
    }
  }
  if (faults.length > 0) {
    throw new CertificateFilesError(
      [`The certificates in ${directory} are refused:`, ...faults].join("\n  "),
    );
  }
  return {
    trusted: authorities!.map(String).join(""),
    certificate: chain!.map(String).join(""),
    // One form, whichever the file has: some servers read no other.
    privateKey: pkcs8(key!),
  };
}

/** The extended key usage serverAuth. */
const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";

const EXPECTED = {
  trusted: "certificates in PEM",
  certificate: "certificates in PEM",
  privateKey: "a private key in PEM without a passphrase",
};

function certificates(text: string): X509Certificate[] {
  const found = split(text).map((pem) => new X509Certificate(pem));
  if (found.length === 0) {
    throw new Error("no certificate");
  }
  return found;
}

const pkcs8 = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();

function chainFaults(
  chain: X509Certificate[],
  authorities: X509Certificate[] | undefined,
  hosts: readonly string[],
  now: Date,
): string[] {
  const [leaf] = chain;
  const names = leaf.subjectAltName ?? "nobody";
  // Clients look at these names alone, and not at the subject's.
  const isFor = (host: string) =>
    leaf.subjectAltName !== undefined &&
    (isIP(host) > 0 ? leaf.checkIP(host) : leaf.checkHost(host));
  const missing = hosts.filter((host) => !isFor(host));
  // Not the uses of its key, but those that it is extended to: none is any.
  const isForServers = leaf.keyUsage?.includes(SERVER_AUTHENTICATION) ?? true;
  const expired = chain.find(({ validTo }) => Date.parse(validTo) <= now.getTime());
  const early = chain.find(({ validFrom }) => Date.parse(validFrom) > now.getTime());
  return [
    ...(missing.length > 0 ? [`is for ${names}, and not for ${missing.join(", ")}`] : []),
    ...(isForServers ? [] : ["is not for servers (extended key usage)"]),
    ...(expired ? [`ended on ${expired.validTo} (${expired.subject})`] : []),
    ...(early ? [`begins on ${early.validFrom} (${early.subject})`] : []),
    ...(authorities ? authorityFaults(chain, authorities, now) : []),
  ];
}

/** An authority may be listed past its end, beside the one that took over from it. */
function authorityFaults(
  chain: X509Certificate[],
  authorities: X509Certificate[],
  now: Date,
): string[] {
  const lasting = authorities.filter(({ validTo }) => Date.parse(validTo) > now.getTime());
  if (leadsTo(chain, lasting)) {
    return [];
  }
  return leadsTo(chain, authorities)
    ? [`leads to no authority of ${FILES.trusted} but one that has ended`]
    : [`does not lead to an authority of ${FILES.trusted}, by the certificates behind it`];
}

/** Whether each certificate is signed by the next one, and the last by an authority. */
function leadsTo(chain: X509Certificate[], authorities: X509Certificate[]): boolean {
  const isSignedBy = (certificate: X509Certificate, issuer: X509Certificate) =>
    certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  return chain.every((certificate, index) => {
    const above = index + 1 < chain.length ? [chain[index + 1]] : authorities;
    return (
      above.some((issuer) => isSignedBy(certificate, issuer)) ||
      // A chain may end with the authority itself.
      (index > 0 &&
        authorities.some(({ fingerprint256 }) => fingerprint256 === certificate.fingerprint256))
    );
  });
}
