import { lockFault, locksIn } from "./locks";
import { EngineError } from "./run";

/** A message of the engine without its colour marks. */
export const plainText = (message: string) => message.replace(/<\{%[^%]*%\}>/g, "").trim();

/** What a person needs of an error that ended a run of the engine: its error lines, not everything it printed. */
export function engineMessage(error: unknown): string {
  const { message } = error as Error;
  const output = error instanceof EngineError ? plainText(error.output) : message;
  if (/incorrect passphrase/.test(output)) {
    return (
      "The passphrase does not open the stack's secrets. Set PULUMI_CONFIG_PASSPHRASE or " +
      "PULUMI_CONFIG_PASSPHRASE_FILE to the one that the stack was created with."
    );
  }
  const [holder] = locksIn(output);
  if (holder) {
    return lockFault("The stack", holder);
  }
  const lines = output.split("\n").filter((line) => /^\s*error: /.test(line));
  return lines.length > 0 ? [...new Set(lines)].join("\n") : message;
}
