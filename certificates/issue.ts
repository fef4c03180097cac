/** Issues and renews the X.509 certificates of a stack's own authority, as PEM text, with @peculiar/x509. */
import { randomBytes, webcrypto, X509Certificate } from "node:crypto";
import { isIP } from "node:net";

import { type KeyPair, split } from "./pem";
import * as x509 from "./x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Backdates a certificate, so that a client with a slow clock accepts it at once. */
const BACKDATED_MS = 60 * 60 * 1000;
/** X.509 allows 20 bytes at most and no negative number. */
const SERIAL_BYTES = 16;

export interface Authority extends KeyPair {
  /**
   * This authority's certificate, issued by its predecessor (cross-signed). Servers send it, so that clients that
   * trust only the predecessor still connect. Empty for the first authority.
   */
  bridge: string;
  /** What clients should trust: this authority and its predecessors that are still valid. */
  trusted: string;
}

export interface Lifetime {
  /** Days from now for which the certificate is valid. */
  days: number;
  /** @default the time of the call */
  now?: Date;
}

/**
 * Issues an authority.
 * @param name start of its common name; a random part follows, so that its successor has another name
 * @param before the authority that it succeeds
 */
export async function issueAuthority(
  name: string,
  { days, now = new Date() }: Lifetime,
  before?: Authority,
): Promise<Authority> {
  const keys = await generateKeys();
  const subject = new x509.Name([
    { O: ["learning-platform"] },
    { CN: [`${name} CA ${randomBytes(4).toString("hex")}`] },
  ]);
  const of = { subject, publicKey: keys.publicKey, isAuthority: true };
  const certificate = await issue(of, { name: subject, key: keys.privateKey }, { days, now });
  const old = before && isValid(before.certificate, now) ? before : undefined;
  const oldEnd = old && new X509Certificate(old.certificate).validTo;
  return {
    certificate,
    privateKey: await exportKey(keys.privateKey),
    bridge: old
      ? await issue(of, await readIssuer(old), {
          days: (Date.parse(oldEnd!) - now.getTime()) / DAY_MS,
          now,
        })
      : "",
    trusted: [certificate, ...(old ? split(old.trusted) : [])]
      .filter((text) => isValid(text, now))
      .join(""),
  };
}

/**
 * Issues a server's certificate. Its chain leaves out the authority itself.
 * @param hosts names and IP addresses that clients use to reach the server; the first one is the common name
 * @param isClient whether the server also shows it where it is the client. @default false
 */
export async function issueServer(
  hosts: readonly string[],
  authority: Omit<Authority, "trusted">,
  { days, now = new Date(), isClient = false }: Lifetime & { isClient?: boolean },
): Promise<KeyPair> {
  const keys = await generateKeys();
  const subject = new x509.Name([{ O: ["learning-platform"] }, { CN: [hosts[0]] }]);
  const leaf = await issue(
    { subject, publicKey: keys.publicKey, hosts, isClient },
    await readIssuer(authority),
    { days, now },
  );
  const bridge = authority.bridge !== "" && isValid(authority.bridge, now) ? authority.bridge : "";
  return { certificate: leaf + bridge, privateKey: await exportKey(keys.privateKey) };
}

/** Whether the certificate should be renewed: two thirds of its lifetime are over. */
export function isDue(certificate: string, now = new Date()): boolean {
  const { validFrom, validTo } = new X509Certificate(certificate);
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  return now.getTime() >= from + ((to - from) * 2) / 3;
}

function isValid(certificate: string, now: Date): boolean {
  return Date.parse(new X509Certificate(certificate).validTo) > now.getTime();
}

interface Issuer {
  name: x509.Name;
  key: webcrypto.CryptoKey;
  /** Identifier of its key, if its certificate has one: two authorities may have the same name. */
  keyId?: string;
}

interface Subject {
  subject: x509.Name;
  publicKey: webcrypto.CryptoKey;
  hosts?: readonly string[];
  isAuthority?: boolean;
  isClient?: boolean;
}

async function issue(
  { subject, publicKey, hosts = [], isAuthority = false, isClient = false }: Subject,
  issuer: Issuer,
  { days, now }: Required<Lifetime>,
): Promise<string> {
  const { digitalSignature, keyCertSign, cRLSign } = x509.KeyUsageFlags;
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = (serial[0] & 0x7f) | 0x40;
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: serial.toString("hex"),
    subject,
    issuer: issuer.name,
    notBefore: new Date(now.getTime() - BACKDATED_MS),
    notAfter: new Date(now.getTime() + days * DAY_MS),
    publicKey: publicKey,
    signingKey: issuer.key,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(isAuthority, undefined, true),
      new x509.KeyUsagesExtension(isAuthority ? keyCertSign | cRLSign : digitalSignature, true),
      ...(isAuthority
        ? []
        : [
            new x509.ExtendedKeyUsageExtension([serverAuth, ...(isClient ? [clientAuth] : [])]),
            new x509.SubjectAlternativeNameExtension(
              hosts.map((value) => ({ type: isIP(value) > 0 ? "ip" : "dns", value })),
            ),
          ]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      ...(issuer.keyId ? [new x509.AuthorityKeyIdentifierExtension(issuer.keyId)] : []),
    ],
  });
  return `${made.toString("pem")}\n`;
}

async function readIssuer({ certificate, privateKey }: KeyPair): Promise<Issuer> {
  const key = await webcrypto.subtle.importKey(
    "pkcs8",
    x509.PemConverter.decode(privateKey)[0],
    ALGORITHM,
    false,
    ["sign"],
  );
  const parsed = new x509.X509Certificate(certificate);
  const keyId = parsed.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
  return { name: parsed.subjectName, key, keyId };
}

const generateKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const raw = await webcrypto.subtle.exportKey("pkcs8", key);
  return `${x509.PemConverter.encode(raw, "PRIVATE KEY")}\n`;
}
