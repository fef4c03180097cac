/** What a preview found, as data. Both forms of the report, Markdown and JSON, have nothing else to show. */
import { SERVER_TITLES } from "../../catalog/servers";
import type { Finding, WaivedRule } from "../../migration-lint";
import { violationsIn } from "../../policy/message";
import { FaultError } from "../fault";
import { plannedLedgerRows } from "../migrations/ledger-lines";
import type { DataLoss, Plan, PlannedSchema } from "../plan/plan";
import type { Findings } from "../update/findings";
import { type ByHand, byHand } from "./by-hand";
import type { Commit } from "./commit";
import { type NotCompared, notCompared } from "./not-compared";
import { scrubbed } from "./scrub";
import { kindOf, settingText, verbOf, withoutImplied } from "./words";

/** What a reviewer must know first; the first of these that is true. */
export type Verdict =
  /** The preview did not come to an end. */
  | "failed"
  /** `up` would refuse to run. */
  | "refused"
  /** The stack does not exist yet. */
  | "new"
  | "loss"
  | "outage"
  | "change"
  /** Nothing to change but what somebody changed by hand. */
  | "by hand"
  /** Nothing to change as far as it could be compared. */
  | "incomplete"
  | "nothing";

export interface Report {
  verdict: Verdict;
  stack: string;
  commit?: Commit;
  /** Why the preview failed or `up` would refuse to run; may have several lines each. */
  reasons: string[];
  /** What the policy forbids, one sentence each. */
  policy: string[];
  /** Number of changed resources by the engine's name of the change. */
  counts: Record<string, number>;
  unchanged: number;
  /** Data that would be deleted. `allowed` is whether the stack's configuration gives it up by name. */
  losses: (Omit<DataLoss, "isProtected"> & { allowed: boolean })[];
  /** Containers that are replaced or deleted: their service is down meanwhile. */
  outages: {
    service: string;
    container: string;
    action: string;
    keptVolumes: string[];
    otherVolumes?: string[];
  }[];
  /** Files that would run, in order. */
  migrations: { database: string; isNew: boolean; file: string; sha256: string }[];
  lint: { findings: Omit<Finding, "help">[]; waivers: WaivedRule[] };
  /** What users may do from then on, or no longer: `payment-service`, `read`, `user-events`. */
  rights: {
    user: string;
    change: "gained" | "lost";
    verb: string;
    object: string;
    system: string;
  }[];
  topics: { name: string; action: string; settings: string[] }[];
  /** Versions of the schemas of events that change, or that the program no longer has. */
  schemas: PlannedSchema[];
  byHand: ByHand[];
  notCompared: NotCompared[];
  warnings: string[];
  ledgers: LedgerFacts[];
  /** Every resource that changes. */
  resources: { kind: string; name: string; op: string }[];
}

const LEDGER_FIELDS = [
  "database",
  "state",
  "applied",
  "pending",
  "changed",
  "missing",
  "again",
  "byHand",
] as const;

/** The cells of a ledger's row in `migrations status`: counts, or words such as `unknown`. */
type LedgerFacts = Record<(typeof LEDGER_FIELDS)[number], string>;

export interface Preview {
  stack: string;
  commit?: Commit;
  findings: Findings;
  /** What ended the preview early. */
  error?: unknown;
}

/** Reads what a report needs, and nothing else, without logins and passwords. */
export function createReport({ stack, commit, findings, error }: Preview): Report {
  const { plan } = findings;
  const reasons = error === undefined ? [] : reasonsOf(error);
  const facts = {
    stack,
    commit,
    reasons: reasons.filter((reason) => violationsIn(reason).length === 0),
    policy: [...new Set(reasons.flatMap(violationsIn))],
    lint: {
      findings: findings.lint.findings.map(({ help: _, ...finding }) => finding),
      waivers: findings.lint.waivers,
    },
    byHand: byHand(findings),
    notCompared: notCompared(findings),
    warnings: warnings(findings),
    ledgers: ledgerFacts(findings),
    ...planFacts(plan, findings.allowDataLoss),
  };
  return scrubbed({ verdict: judge(facts, findings, error), ...facts });
}

function reasonsOf(error: unknown): string[] {
  if (error instanceof FaultError) {
    return error.faults;
  }
  // The trace is in the log: it holds paths of the machine, and says nothing to a reviewer.
  return [error instanceof Error ? `${error.name}: ${error.message}` : String(error)];
}

function planFacts(plan: Plan | undefined, allowDataLoss: readonly string[]) {
  const { losses = [], volumes = [], containers = [], migrations = [] } = plan ?? {};
  const {
    topics = [],
    schemas = [],
    rights = [],
    resources = [],
    counts = {},
    unchanged = 0,
  } = plan ?? {};
  const lostVolumes = volumes
    .filter(({ action }) => action === "replace")
    .map(({ name }) => ({ kind: "volume" as const, name, action: "replace" as const }));
  return {
    counts,
    unchanged,
    losses: [...losses.map(({ isProtected: _, ...loss }) => loss), ...lostVolumes]
      .map((loss) => ({ ...loss, allowed: allowDataLoss.includes(loss.name) }))
      .sort(byName),
    outages: containers
      .filter(({ action }) => action === "replace" || action === "delete")
      .map(({ service, name, action, keptVolumes, otherVolumes }) => ({
        service: SERVER_TITLES[service] ?? service,
        container: name,
        action,
        keptVolumes,
        ...(otherVolumes ? { otherVolumes } : {}),
      }))
      .sort((a, b) => a.container.localeCompare(b.container)),
    migrations: migrations.flatMap(({ database, isNew, pending }) =>
      pending.map(({ name, checksum }) => ({ database, isNew, file: name, sha256: checksum })),
    ),
    rights: withoutImplied(rights).map((right) => {
      const { user, change, object, system } = right;
      return { user, change, verb: verbOf(right), object, system };
    }),
    topics: topics.map(({ name, action, changes }) => ({
      ...{ name, action },
      settings: changes.map(settingText),
    })),
    schemas,
    resources: resources.map(({ type, name, op }) => ({ kind: kindOf(type), name, op })),
  };
}

const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);

function judge(
  { losses, outages, byHand, notCompared }: Omit<Report, "verdict">,
  { isNew, plan }: Findings,
  error: unknown,
): Verdict {
  if (error !== undefined) {
    return error instanceof FaultError ? "refused" : "failed";
  }
  const verdicts: [Verdict, boolean][] = [
    ["new", isNew === true],
    ["loss", losses.length > 0],
    ["outage", outages.length > 0],
    ["change", plan?.hasWork === true],
    ["by hand", byHand.length > 0],
    ["incomplete", notCompared.length > 0],
  ];
  return verdicts.find(([, isTrue]) => isTrue)?.[0] ?? "nothing";
}

function warnings({ plan, notes, leftForUp, allowDataLoss }: Findings): string[] {
  const protection = plan?.protectionChanges ?? 0;
  return [
    ...(leftForUp.size > 0
      ? [`The last run was interrupted. The next up first recovers ${[...leftForUp].join(", ")}.`]
      : []),
    ...(protection > 0 ? [`The protection of ${protection} resources changes.`] : []),
    ...(allowDataLoss.length > 0
      ? [`allowDataLoss lets these lose their data: ${allowDataLoss.join(", ")}.`]
      : []),
    ...(plan?.warnings ?? []),
    ...notes,
  ];
}

const ledgerFacts = ({ plan, ledgers }: Findings): LedgerFacts[] =>
  (plan ? plannedLedgerRows(plan, ledgers) : []).map(
    (cells) =>
      Object.fromEntries(LEDGER_FIELDS.map((field, at) => [field, cells[at]])) as LedgerFacts,
  );
