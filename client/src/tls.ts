import { rootCertificates } from "node:tls";

/**
 * Options of Node's `tls` for an encrypted connection, which verifies the server's certificate and name.
 * @param trusted authorities to trust besides those that Node brings, as PEM
 */
export const tlsOptions = (trusted: string | undefined): { ca?: string[] } =>
  trusted === undefined ? {} : { ca: [...rootCertificates, trusted] };
