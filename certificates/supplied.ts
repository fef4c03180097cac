/**
 * Reads and checks certificates that were issued elsewhere and supplied in a folder.
 *
 * By node:crypto alone: X509ChainBuilder of @peculiar/x509 works asynchronously, while the program reads its
 * configuration synchronously, and checks neither hosts nor dates nor key usage.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";

import { type KeyPair, split } from "./pem";

/** File names, the same as in Kubernetes and cert-manager. */
const FILES = { trusted: "ca.crt", certificate: "tls.crt", privateKey: "tls.key" } as const;

/** Lists everything that is wrong with the files of a folder. */
export class CertificateFilesError extends Error {}

/**
 * Reads `ca.crt`, `tls.crt` (the certificate, followed by its intermediates) and `tls.key`, all PEM, and checks
 * that they belong together and fit the servers.
 * @param hosts names and IP addresses that clients use to reach the servers
 * @param areClients whether servers also show it where they are clients. @default false
 * @throws CertificateFilesError that lists every fault with its file; it never quotes a key
 */
export function readCertificates(
  directory: string,
  hosts: readonly string[],
  { now = new Date(), areClients = false }: { now?: Date; areClients?: boolean } = {},
): KeyPair & { trusted: string } {
  const faults: string[] = [];
  const read = <T>(kind: keyof typeof FILES, parse: (text: string) => T): T | undefined => {
    const file = join(directory, FILES[kind]);
    try {
      return parse(readFileSync(file, "utf8"));
    } catch (error) {
      // A parser's message may quote the key.
      const { code } = error as NodeJS.ErrnoException;
      const reason = code === "ENOENT" ? "does not exist" : `cannot be read as ${EXPECTED[kind]}`;
      faults.push(`${file} ${reason}`);
      return undefined;
    }
  };
  const authorities = read("trusted", parseCertificates);
  const chain = read("certificate", parseCertificates);
  const key = read("privateKey", (text) => createPrivateKey(text));
  if (chain) {
    const file = join(directory, FILES.certificate);
    faults.push(...chainFaults(chain, authorities, hosts, now).map((fault) => `${file} ${fault}`));
    if (areClients && !isFor(chain[0], CLIENT_AUTHENTICATION)) {
      faults.push(
        `${file} may not be used by clients, which the nodes of a cluster are to each other: its extended key usage lacks clientAuth`,
      );
    }
    if (key && !chain[0].checkPrivateKey(key)) {
      faults.push(
        `${join(directory, FILES.privateKey)} does not belong to the certificate in ${FILES.certificate}`,
      );
    }
  }
  if (faults.length > 0) {
    throw new CertificateFilesError(
      [`The certificates in ${directory} cannot be used:`, ...faults].join("\n  "),
    );
  }
  return {
    trusted: authorities!.map(String).join(""),
    certificate: chain!.map(String).join(""),
    // Some servers read no other form than PKCS #8.
    privateKey: exportPkcs8(key!),
  };
}

/** The extended key usages serverAuth and clientAuth. */
const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2";

/** Node calls the extended key usage keyUsage; a certificate without one may be used for anything. */
const isFor = ({ keyUsage }: X509Certificate, usage: string): boolean =>
  keyUsage?.includes(usage) ?? true;

const EXPECTED = {
  trusted: "certificates in PEM",
  certificate: "certificates in PEM",
  privateKey: "a private key in PEM without a passphrase",
};

function parseCertificates(text: string): X509Certificate[] {
  const found = split(text).map((pem) => new X509Certificate(pem));
  if (found.length === 0) {
    throw new Error("no certificate");
  }
  return found;
}

const exportPkcs8 = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();

function chainFaults(
  chain: X509Certificate[],
  authorities: X509Certificate[] | undefined,
  hosts: readonly string[],
  now: Date,
): string[] {
  const [leaf] = chain;
  // Clients check these names only, and ignore the subject.
  const isValidFor = (host: string) =>
    leaf.subjectAltName !== undefined &&
    (isIP(host) > 0 ? leaf.checkIP(host) : leaf.checkHost(host));
  const missing = hosts.filter((host) => !isValidFor(host));
  const expired = chain.find(({ validTo }) => Date.parse(validTo) <= now.getTime());
  const early = chain.find(({ validFrom }) => Date.parse(validFrom) > now.getTime());
  return [
    ...(missing.length > 0
      ? [`is valid for ${leaf.subjectAltName ?? "no host"}, not for ${missing.join(", ")}`]
      : []),
    ...(isFor(leaf, SERVER_AUTHENTICATION)
      ? []
      : ["may not be used by servers: its extended key usage lacks serverAuth"]),
    ...(expired ? [`expired on ${expired.validTo} (${expired.subject})`] : []),
    ...(early ? [`is not valid before ${early.validFrom} (${early.subject})`] : []),
    ...(authorities ? authorityFaults(chain, authorities, now) : []),
  ];
}

/** An expired authority may stay in the list beside its successor. */
function authorityFaults(
  chain: X509Certificate[],
  authorities: X509Certificate[],
  now: Date,
): string[] {
  const valid = authorities.filter(({ validTo }) => Date.parse(validTo) > now.getTime());
  if (leadsTo(chain, valid)) {
    return [];
  }
  return leadsTo(chain, authorities)
    ? [`leads only to an expired authority in ${FILES.trusted}`]
    : [`does not lead to an authority in ${FILES.trusted}; append the intermediate certificates`];
}

/** Whether each certificate is signed by the next one, and the last one by an authority. */
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
