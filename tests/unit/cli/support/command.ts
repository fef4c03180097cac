import assert from "node:assert/strict";

import type { Command } from "commander";

/** Asserts that a command refuses its arguments with a message, and runs nothing. */
export async function refuses(command: Command, args: string[], message: RegExp): Promise<void> {
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  await assert.rejects(command.parseAsync(args, { from: "user" }), { message });
}
