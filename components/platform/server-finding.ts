/** What a check of a server that exists already found, before anything is made on it. */
export interface ServerFinding {
  /** Key of the configuration that is to be changed, without its namespace: `postgresServer.password`. */
  key: string;
  /** What is wrong with it, as the rest of a sentence. */
  reason: string;
  /**
   * A fault is refused. Nothing is known of a server that is out of reach: an update is refused, a preview goes on.
   * A warning is for a person.
   */
  kind: "fault" | "out of reach" | "warning";
}

/** Code and message of an error, as a person reads them in a finding. */
export const errorText = ({ code, message }: { code?: string; message: string }): string =>
  [code, message].filter(Boolean).join("  ");

/** Node's codes of certificates that no trusted authority has issued. */
const UNTRUSTED = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_SIGNATURE_FAILURE",
]);

/**
 * What a failed TLS handshake says of the configuration; undefined if the error is another one.
 * @param key of the server
 * @param address host:port
 */
export function tlsFinding(
  key: string,
  address: string,
  { code = "", message }: { code?: string; message: string },
): ServerFinding | undefined {
  if (UNTRUSTED.has(code)) {
    const reason = `must name the authority of the certificate that ${address} has: it is none of those that are trusted (${code})`;
    return { key: `${key}.caFile`, reason, kind: "fault" };
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const reason = `must be a name that the server's certificate has: ${message}`;
    return { key: `${key}.host`, reason, kind: "fault" };
  }
  if (code === "CERT_HAS_EXPIRED") {
    return { key, reason: `names ${address}, whose certificate has expired`, kind: "fault" };
  }
  if (/wrong version number|packet length too long|record layer/i.test(message)) {
    const reason = `must be false: ${address} does not encrypt`;
    return { key: `${key}.tls`, reason, kind: "fault" };
  }
  return undefined;
}
