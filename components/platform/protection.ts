/** What of a stack is protected from deletion. */
export interface Protection {
  /** Whether its volumes, databases and topics are. */
  protect: boolean;
  /** Names of those that are not: the stack gives their data up. */
  allowDataLoss: readonly string[];
}

/** Whether a volume, database or topic of the name is protected from deletion. */
export const isProtected = (name: string, { protect, allowDataLoss }: Protection): boolean =>
  protect && !allowDataLoss.includes(name);
