/** A broken-off run tells the reason near its end. */
const LAST_LINES = 20;

/**
 * The part of a run's output that tells what failed, to be shown again at the end of all runs.
 * @param printed what mocha printed with the reporter of the suites
 */
export function failuresIn(printed: string): string {
  const listed = /^ {2}\d+ failing$/m.exec(printed);
  return listed
    ? printed.slice(listed.index).trimEnd()
    : printed.trimEnd().split("\n").slice(-LAST_LINES).join("\n");
}
