/** Enough for the frames of the SDK and those of the component that made the resource. */
const FRAMES = 8;

/**
 * Keeps stack traces to their first frames, without mapping each to TypeScript's lines (those that
 * Pulumi's loader compiles to are close by). The SDK takes a whole trace for each resource and each of its promises and puts
 * it into the state: left alone, that is a third of the program's time and half of the state's size.
 */
export function keepStackTracesShort(): void {
  Error.prepareStackTrace = (error, frames) =>
    [String(error), ...frames.slice(0, FRAMES).map((frame) => `    at ${String(frame)}`)].join(
      "\n",
    );
}
