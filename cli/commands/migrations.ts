import { targetOf } from "../../components/postgres/migration-inputs";
import {
  baseline,
  describeRepair,
  formatDrift,
  formatFault,
  formatRightsFault,
  planBaseline,
  type Repair,
  repair,
  repairable,
} from "../../migrator";
import { ensureEngine } from "../engine/install";
import { FaultError } from "../fault";
import {
  type Ledger,
  ledgerNotes,
  ledgerTable,
  ledgerTargets,
  readLedgers,
} from "../migrations/ledgers";
import { whileLocked } from "../stack/command-lock";
import { openStack, refuseUnknownStack } from "../stack/stack";
import { knownResources } from "../stack/state";
import { confirm } from "../terminal/confirm";
import type { Options, OwnOptions } from "./options";

const USAGE = [
  "npm run migrations -- <command> [--stack NAME] [--yes]",
  "",
  "  status [DATABASE] [--json]        what each ledger has, what would run, what was changed by hand;",
  "                                    ends with 1 where an update would be refused",
  "  baseline DATABASE [--to NNNN]     record files as applied, without running them, on a database that",
  "                                    has the schema already and no ledger",
  "  repair DATABASE                   show what can be repaired, and by which of these:",
  "    --finished FILE | --rerun FILE  an unfinished statement took effect, or is to run again",
  "    --applied FILE                  a pending file was run by hand; with --accept-drift for what it made",
  "    --accept FILE                   a file was edited in a way that the database needs nothing for",
  "    --forget FILE                   a file is gone for good; with --applied for one in its place",
  "    --renamed FILE                  an applied file has this name now",
  "    --late FILE                     a pending file may run although its number is below an applied one",
  "    --accept-drift                  what was changed by hand is to stay",
].join("\n");

const say = (line: string) => console.log(line);

const FILE_KINDS = ["finished", "rerun", "renamed", "late", "applied", "accept", "forget"] as const;

/** Which options each of the commands takes. */
const TAKES: Record<string, (keyof OwnOptions)[]> = {
  status: ["json"],
  baseline: ["to", "yes"],
  repair: [...FILE_KINDS, "accept-drift", "yes"],
};

/** Shows or corrects the ledgers of a stack's databases; runs no migration. */
export async function migrations(options: Options): Promise<void> {
  const [command = "", database, ...more] = options.words;
  const takes = TAKES[command];
  const foreign = Object.keys(options.own).filter((name) => !takes?.some((own) => own === name));
  const isIncomplete = command !== "status" && database === undefined;
  if (!takes || more.length > 0 || foreign.length > 0 || isIncomplete) {
    throw new FaultError([USAGE]);
  }
  refuseUnknownStack(options.stack);
  await ensureEngine(options.offline, (line) => console.error(line));
  if (command === "status") {
    status(await ledgersOf(options.stack, database), options.own.json ?? false);
    return;
  }
  const correct = command === "baseline" ? adopt : mend;
  await whileLocked(options, async () => {
    const [ledger] = await ledgersOf(options.stack, database);
    await correct(answering(ledger), options.own);
  });
}

/** @throws FaultError where the stack has no such database */
async function ledgersOf(stack: string, database?: string): Promise<Ledger[]> {
  const targets = ledgerTargets(await knownResources(await openStack(stack, { make: false })));
  const wanted = targets.filter(({ inputs }) => [undefined, inputs.database].includes(database));
  if (wanted.length === 0) {
    const known = targets.map(({ inputs }) => inputs.database).join(", ") || "none yet; run up";
    throw new FaultError([`Stack ${stack} has no database ${database ?? ""}. It has: ${known}.`]);
  }
  return readLedgers(wanted);
}

type AnsweringLedger = Ledger & Required<Pick<Ledger, "status">>;

function answering(ledger: Ledger): AnsweringLedger {
  if (ledger.status === undefined) {
    throw new FaultError([ledger.error ?? ""]);
  }
  return { ...ledger, status: ledger.status };
}

function status(ledgers: Ledger[], asJson: boolean): void {
  const faults = ledgers.flatMap((ledger) => ledger.status?.faults ?? []);
  if (asJson) {
    say(JSON.stringify(ledgers.map(statusJson), undefined, 2));
  } else {
    [...ledgerTable(ledgers), ...ledgers.flatMap(toRun), ...ledgerNotes(ledgers)].forEach(say);
    faults.map(formatFault).forEach(say);
  }
  if (faults.length > 0 || ledgers.some(({ error }) => error !== undefined)) {
    process.exitCode = 1;
  }
}

function toRun({ inputs, status }: Ledger): string[] {
  return [
    ...(status?.pending ?? []).map(({ name }) => `${inputs.database}: ${name} is pending`),
    ...(status?.repeatables ?? []).map(
      ({ file, reason }) => `${inputs.database}: ${file.name} will run: ${REASONS[reason]}`,
    ),
  ];
}

const REASONS = {
  new: "it has not run yet",
  changed: "it changed",
  drift: "what it makes may have been changed by hand",
};

/** The whole status without the files' texts. */
function statusJson({ inputs: { database }, status, error }: Ledger): object {
  if (status === undefined) {
    return { database, state: "unreachable", error };
  }
  const { pending, repeatables, faults, drift, rights, holder, ...rest } = status;
  return {
    ...rest,
    pending: pending.map(({ name, checksum }) => ({ name, checksum })),
    repeatables: repeatables.map(({ file: { name, checksum }, reason }) => ({
      name,
      checksum,
      reason,
    })),
    drift: drift?.map((each) => ({
      object: each.object,
      state: each.state,
      expected: each.expected?.definition,
      found: each.found?.definition,
      message: formatDrift(each),
    })),
    rights: rights.map((fault) => ({ ...fault, message: formatRightsFault(fault) })),
    faults: faults.map(formatFault),
    holder,
  };
}

/** The baseline: shown, agreed to, done. */
async function adopt({ inputs, files, status }: AnsweringLedger, own: OwnOptions): Promise<void> {
  const { database } = inputs;
  const recorded = planBaseline(files, own.to);
  const later = status.pending.filter(({ name }) => !recorded.some((file) => file.name === name));
  say(`On ${database}, these files would be recorded as applied, without being run:`);
  recorded.forEach(({ name, checksum }) => say(`  ${name}  sha256:${checksum.slice(0, 12)}`));
  say(
    later.length > 0
      ? `The next up would run: ${later.map(({ name }) => name).join(", ")}, and the repeatable files.`
      : "The next up would run the repeatable files.",
  );
  say("Nobody checks that the database has what these files make: that is yours to know.");
  await confirm(`Record them on ${database}?`, own.yes ?? false);
  await baseline(targetOf(inputs), recorded);
  say(`Recorded ${recorded.length} files on ${database}.`);
}

/** The repair: shown, agreed to, done; without a choice it shows what there is to choose. */
async function mend({ inputs, files, status }: AnsweringLedger, own: OwnOptions): Promise<void> {
  const { database } = inputs;
  const repairs = chosenRepairs(own);
  if (repairs.length === 0) {
    const choices = possibleRepairs(status);
    say(choices.length > 0 ? `On ${database} can be repaired:` : `${database}: nothing to repair.`);
    choices.forEach((line) => say(`  ${line}`));
    return;
  }
  say(`On ${database}:`);
  repairs.forEach((each) => say(`  ${describeRepair(each)}`));
  if (own["accept-drift"]) {
    differences(status).forEach((line) => say(`    ${line}`));
  }
  await confirm(`Do this to the ledger of ${database}?`, own.yes ?? false);
  await repair(targetOf(inputs), files, repairs);
  say(`Repaired the ledger of ${database}.`);
}

/** What was changed by hand, and what rights are not as designed. */
const differences = ({ drift = [], rights }: AnsweringLedger["status"]) =>
  [...drift, ...rights].map(({ object, state }) => `${object}: ${state}`);

function chosenRepairs(own: OwnOptions): Repair[] {
  return [
    ...FILE_KINDS.flatMap((kind) => (own[kind] ?? []).map((name): Repair => ({ kind, name }))),
    ...(own["accept-drift"] ? [{ kind: "accept-drift" } as const] : []),
  ];
}

function possibleRepairs(status: AnsweringLedger["status"]): string[] {
  const fits = repairable(status);
  // A file that is to run is no fault; who ran it by hand knows.
  const kinds = FILE_KINDS.filter((kind) => kind !== "applied");
  const choices = kinds.flatMap((kind) => fits[kind].map((name): Repair => ({ kind, name })));
  return [
    ...choices.map(
      (each) => `--${each.kind} ${"name" in each ? each.name : ""}: ${describeRepair(each)}`,
    ),
    ...(differences(status).length > 0
      ? [
          `--accept-drift: ${describeRepair({ kind: "accept-drift" })}:`,
          ...differences(status).map((line) => `  ${line}`),
        ]
      : []),
  ];
}
