import { createInterface } from "node:readline/promises";

import { FaultError } from "../fault";

/**
 * Asks a person to agree to what was shown.
 * @throws FaultError where they do not, or nobody is there to ask and `--yes` was not given
 */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) {
    return;
  }
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new FaultError([
      "Nothing was changed: nobody is here to agree to it. Give --yes to do what is shown above.",
    ]);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) {
      throw new FaultError(["Nothing was changed."]);
    }
  } finally {
    terminal.close();
  }
}
