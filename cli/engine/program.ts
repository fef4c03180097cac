import { keepStackTracesShort } from "../../runtime/stack-traces";

/**
 * The Pulumi program, to be run in this process: the engine would start another one, which loads the same code for
 * more than a second. It is loaded when it is needed, because many commands run no program.
 */
export function loadProgram() {
  keepStackTracesShort();
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- tsx leaves a dynamic import to Node.js, which finds no .ts file.
  const { declarePlatform } = require("../../program") as typeof import("../../program");
  return declarePlatform;
}
