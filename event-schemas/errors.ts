/** The schemas of events cannot be used. The message names every file with its fault. */
export class EventSchemasError extends Error {
  public override readonly name = "EventSchemasError";

  constructor(
    directory: string,
    /** One sentence for each fault, which begins with the file. */
    public readonly faults: readonly string[],
  ) {
    super([`Event schemas in ${directory} cannot be used:`, ...faults].join("\n  "));
  }
}
