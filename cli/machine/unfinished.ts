/**
 * Lets the process end with 1 if it ends while the work has not. Node.js ends with 0 where it waits for something that can
 * no longer come, such as the end of a stream that nobody reads.
 * @returns the work
 */
export function failIfUnfinished<T>(work: Promise<T>): Promise<T> {
  const report = () => {
    console.error("\nThe command ended before its work did. This is a bug of this program.");
    process.exitCode = 1;
  };
  process.once("beforeExit", report);
  return work.finally(() => process.off("beforeExit", report));
}
