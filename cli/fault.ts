/** What a person has to mend before the command can go on; one message for all that was found. */
export class FaultError extends Error {
  public override readonly name = "FaultError";

  /** @param faults each one says what was found and what to do */
  constructor(public readonly faults: string[]) {
    super(faults.map((fault) => `- ${fault.replaceAll("\n", "\n  ")}`).join("\n"));
  }
}
