/** Enough for the frames of the SDK and those of the component that created the resource. */
const FRAMES = 8;

/**
 * Cuts stack traces to their first frames, and does not map each frame to its line in TypeScript. The SDK records a
 * trace for each of its promises, which took a third of the program's time.
 *
 * For each resource it asks for a whole trace (@pulumi/pulumi 3.259.0 resource.js, `callsites`), and the state keeps
 * the positions. It gets none: positions in compiled code tell nobody anything, change with each compilation, and
 * were a tenth of the state, which the engine writes at each resource.
 */
export function keepStackTracesShort(): void {
  Error.prepareStackTrace = (error, frames) =>
    Error.stackTraceLimit === Number.POSITIVE_INFINITY
      ? String(error)
      : [String(error), ...frames.slice(0, FRAMES).map((frame) => `    at ${String(frame)}`)].join(
          "\n",
        );
}
