import type { Drift as ObjectDrift } from "../../migrator";
import { type Ledger, ledgersBehind } from "../migrations/ledgers";
import type { Findings } from "../update/findings";

/** Something that is no longer as the stack left it. */
export interface ByHand {
  /** Database, where it is an object in one. */
  database?: string;
  sentence: string;
}

/** What was changed by hand, without definitions and SQL: they are of others, and `migrations status` shows them. */
export const byHand = ({ plan, drift, ledgers }: Findings): ByHand[] => [
  ...drift.map(({ sentence }) => ({ sentence })),
  ...ledgers.flatMap((ledger) => inDatabase(ledger)),
  ...(plan ? ledgersBehind(plan, ledgers).flatMap(runsAgain) : []),
];

const STATES: Readonly<Record<ObjectDrift["state"], string>> = {
  missing: "is missing",
  altered: "was changed",
  extra: "is not from a migration",
};

const inDatabase = ({ inputs: { database }, status }: Ledger): ByHand[] => [
  ...(status?.drift ?? []).map(({ object, state }) => ({
    database,
    sentence: `${object} ${STATES[state]}`,
  })),
  ...(status?.rights ?? []).map(({ object, expected, found }) => ({
    database,
    sentence: object.startsWith("grant ")
      ? `${object} is ${found || "none"}, should be ${expected || "none"}`
      : `${object} is missing`,
  })),
];

function runsAgain({ inputs: { database }, status }: Ledger): ByHand[] {
  const files = [
    ...(status?.pending ?? []).map(({ name }) => name),
    ...(status?.repeatables ?? []).map(({ file }) => file.name),
  ];
  return files.length > 0
    ? [{ database, sentence: `the ledger lacks what the state has; up runs ${files.join(", ")}` }]
    : [];
}
