/** Enough for the frames of the SDK and those of the component that created the resource. */
const FRAMES = 8;

/**
 * Cuts stack traces to their first frames, and does not map each frame to its line in TypeScript.
 *
 * The SDK gets no frames at all. It records a trace for each of its promises (@pulumi/pulumi 3.259.0
 * runtime/debuggable.js) and for each resource (resource.js, `callsites`), always of an error without a message. That
 * took a third of the program's time. The state kept the positions of resources, which were a tenth of it: in compiled
 * code they tell nobody anything, and they change with each compilation.
 */
export function keepStackTracesShort(): void {
  Error.prepareStackTrace = (error, frames) =>
    error.message === ""
      ? String(error)
      : [String(error), ...frames.slice(0, FRAMES).map((frame) => `    at ${String(frame)}`)].join(
          "\n",
        );
}
