/** Path of the file with a stack's trusted authorities, from the root of the program. */
export const trustedFileOf = (stack: string) => `.platform/tls/${stack}.crt`;

/** Path of the file with the same in a container with TLS. */
export const TRUSTED_IN_CONTAINER = "/etc/platform/tls/ca.crt";
