/** Path of the file with a stack's trusted authorities, from the root of the program. */
export const trustedFileOf = (stack: string) => `.platform/tls/${stack}.crt`;
