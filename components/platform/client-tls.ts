/** How clients trust a server, in the terms of Node's `tls`. */
import { SYSTEM_AUTHORITIES } from "../../catalog/client-settings";

/** Options for a connection; undefined if it is not encrypted. */
export const clientTls = (trusted: string | undefined): { ca?: string } | undefined =>
  trusted === undefined ? undefined : trusted === SYSTEM_AUTHORITIES ? {} : { ca: trusted };
