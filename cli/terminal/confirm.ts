import { createInterface } from "node:readline/promises";

import { FaultError } from "../fault";

/**
 * Asks a person to confirm what was shown. Node's readline is enough for one question; @inquirer/confirm needs Node.js 22.
 * @throws FaultError where the answer is no, or where there is no terminal and no `--yes`
 */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) {
    return;
  }
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new FaultError([
      "Nothing was changed: there is no terminal to confirm on. Add --yes to do what is shown above.",
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
