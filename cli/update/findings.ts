import type { Drift } from "../drift/drift";
import type { Ledger } from "../migrations/ledgers";
import type { PendingLint } from "../migrations/lint";
import type { Plan } from "../plan/plan";

/** What was found on the way to a plan. A run that fails has filled it as far as it came. */
export interface Findings {
  /** Whether the update creates the stack; undefined where that was not found out. */
  isNew?: boolean;
  plan?: Plan;
  /** What is no longer as the stack left it. */
  drift: Drift[];
  /** Servers that did not answer, so that nobody knows what was changed by hand there. */
  unanswered: string[];
  ledgers: Ledger[];
  /** Names of Docker objects that an interrupted run left, and that `up` recovers first. */
  leftForUp: ReadonlySet<string>;
  /** Names of what may lose its data, as the stack's configuration has them. */
  allowDataLoss: readonly string[];
  /** What a person must know of this machine. */
  notes: string[];
  lint: PendingLint;
}

export const noFindings = (): Findings => ({
  drift: [],
  unanswered: [],
  ledgers: [],
  leftForUp: new Set(),
  allowDataLoss: [],
  notes: [],
  lint: { files: 0, findings: [], waivers: [] },
});
