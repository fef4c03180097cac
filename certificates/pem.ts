/** A certificate, or a chain of them with the leaf first, and the private key of the first (PKCS #8); both PEM. */
export interface KeyPair {
  certificate: string;
  privateKey: string;
}

/** The certificates of a chain or bundle, one by one. */
export const split = (chain: string): string[] =>
  chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? [];

/** The certificates of one bundle, and behind them those of another that it lacks. */
export function merge(bundle: string, other: string): string {
  const has = new Set(split(bundle).map((pem) => pem.trimEnd()));
  return [bundle, ...split(other).filter((pem) => !has.has(pem.trimEnd()))].join("");
}
