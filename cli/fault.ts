/** What a person must fix before the command can go on: one message for everything that was found. */
export class FaultError extends Error {
  public override readonly name = "FaultError";

  /** @param faults each says what was found and what to do */
  constructor(public readonly faults: string[]) {
    super(faults.map((fault) => `- ${fault.replaceAll("\n", "\n  ")}`).join("\n"));
  }
}

/** @throws FaultError with each fault once, unless there is none */
export function throwIfAny(faults: string[]): void {
  const distinct = [...new Set(faults)];
  if (distinct.length > 0) {
    throw new FaultError(distinct);
  }
}
