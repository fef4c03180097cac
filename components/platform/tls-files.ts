import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

import type { ServerCertificates } from "./platform-certificates";
import { TRUSTED_IN_CONTAINER } from "./trusted-file";

const DIRECTORY = "/etc/platform/tls";

/** Paths in a container: the authorities to trust, and the certificate of its server with its key. */
export const TLS_FILES = {
  trusted: TRUSTED_IN_CONTAINER,
  certificate: `${DIRECTORY}/tls.crt`,
  privateKey: `${DIRECTORY}/tls.key`,
} as const;

/**
 * The files of a server's certificate; none without TLS.
 * @param keyPermissions 0400 if the server starts as root, 0444 if it starts as its own user
 */
export function tlsUploads(
  tls: ServerCertificates | undefined,
  keyPermissions: "0400" | "0444",
): docker.types.input.ContainerUpload[] {
  if (tls === undefined) {
    return [];
  }
  return [
    { file: TLS_FILES.trusted, content: tls.trusted, permissions: "0444" },
    { file: TLS_FILES.certificate, content: tls.certificate, permissions: "0444" },
    { file: TLS_FILES.privateKey, content: tls.privateKey, permissions: keyPermissions },
  ];
}

/** The file of the authorities to trust, for a client of encrypted servers; none without TLS. */
export const trustedUpload = (
  trusted: pulumi.Input<string> | undefined,
): docker.types.input.ContainerUpload[] =>
  trusted === undefined ? [] : [{ file: TLS_FILES.trusted, content: trusted, permissions: "0444" }];
