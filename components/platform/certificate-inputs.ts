export interface CertificateAuthorityInputs {
  /** Name in its certificate, without what tells it from its successors. */
  name: string;
  /** Validity in days. */
  days: number;
}

export interface ServerCertificateInputs {
  /** Names and IP addresses by which clients reach the server, its own name first. */
  hosts: string[];
  /** Validity in days. */
  days: number;
  /** Whether the server also shows it where it is the client. @default false */
  isClient?: boolean;
  /** The authority that issues it: its certificate, its key, and the chain that leads to the authority before it. */
  authorityCertificate: string;
  authorityKey: string;
  authorityBridge: string;
}
