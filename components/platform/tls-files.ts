import type * as docker from "@pulumi/docker";

import type { ServerCertificates } from "./platform-certificates";

const DIRECTORY = "/etc/platform/tls";

/** Where a container finds what its server shows, and whom its clients trust. */
export const TLS_FILES = {
  trusted: `${DIRECTORY}/ca.crt`,
  certificate: `${DIRECTORY}/tls.crt`,
  privateKey: `${DIRECTORY}/tls.key`,
} as const;

/**
 * The files of a server's certificates; none without TLS.
 * @param keyPermissions 0400 where a server starts as root, and 0444 where it starts as its own user
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
