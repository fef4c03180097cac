/** A plan that somebody approved: an update may carry out this one, and no other. */
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

import { FaultError } from "../fault";
import type { StackOptions } from "../options";
import { readCommit } from "../report/commit";
import { createReport, type Report } from "../report/facts";
import { noFindings } from "./findings";
import { planUpdate } from "./plan-update";

export type Approved = Readonly<Record<string, unknown>>;

/** Facts without which a file is no plan. */
const NEEDED: (keyof Report)[] = ["verdict", "stack", "counts", "resources"];

/** @throws FaultError where the file is not what `preview --json` prints */
export function readApproved(file: string): Approved {
  let facts: unknown;
  try {
    facts = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new FaultError([`The plan ${file} cannot be read: ${(error as Error).message}`]);
  }
  const isPlan = typeof facts === "object" && facts !== null && NEEDED.every((key) => key in facts);
  if (!isPlan) {
    throw new FaultError([`${file} is not a plan: npm run -s preview -- --json > ${file}`]);
  }
  return facts as Approved;
}

/**
 * Plans the update once more, and refuses it where the facts are no longer those that were approved. The commit is one
 * of them, and so the values of the configuration are the same. The engine's own plans (`pulumi preview --save-plan`)
 * are experimental, hold the values of resources, and know neither drift nor ledgers.
 * @throws FaultError that names what differs
 */
export async function refuseOtherPlan(options: StackOptions, approved: Approved): Promise<void> {
  const findings = noFindings();
  await planUpdate(options, { heal: false, say: () => undefined, findings });
  const now = createReport({ stack: options.stack, commit: await readCommit(), findings });
  const names = differences(approved, now);
  if (names.length > 0) {
    throw new FaultError([
      `The plan is no longer the one that was approved: ${names.join(", ")} differ. ` +
        "Look at a new preview, and have that one approved.",
    ]);
  }
}

/** Names of the facts that are not the same. */
export function differences(approved: Approved, now: Report): string[] {
  // As it was written: JSON leaves out what is undefined.
  const current = JSON.parse(JSON.stringify(now)) as Approved;
  const names = new Set([...Object.keys(approved), ...Object.keys(current)]);
  return [...names].filter((name) => !isDeepStrictEqual(approved[name], current[name]));
}
