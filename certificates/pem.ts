/** A certificate or a chain with the leaf first, and the private key of the leaf (PKCS #8); both PEM. */
export interface KeyPair {
  certificate: string;
  privateKey: string;
}

/** Splits a chain or bundle: X509Certificate of node:crypto reads the first certificate of a text only. */
export const split = (chain: string): string[] =>
  chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? [];

/** Appends to a bundle the certificates of another one that it lacks. */
export function merge(bundle: string, other: string): string {
  const has = new Set(split(bundle).map((pem) => pem.trimEnd()));
  return [bundle, ...split(other).filter((pem) => !has.has(pem.trimEnd()))].join("");
}
