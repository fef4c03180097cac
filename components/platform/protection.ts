/** Which data of a stack is protected from deletion. */
export interface Protection {
  /** Whether its volumes, databases and topics are protected. */
  protect: boolean;
  /** Names of volumes, databases and topics that may lose their data, and are not protected. */
  allowDataLoss: readonly string[];
}

/** Whether the volume, database or topic of this name is protected from deletion. */
export const isProtected = (name: string, { protect, allowDataLoss }: Protection): boolean =>
  protect && !allowDataLoss.includes(name);
