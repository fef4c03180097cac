/** Functions and triggers, each used once in a transaction that is rolled back. */
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

import { clientTls } from "../../components/platform/client-tls";
import type { Catalogue } from "../../migrator";
import { ROOT } from "../paths";
import { failed } from "./errors";
import { type Check, type Finding, unknown, type Verdict, wrong } from "./finding";
import type { Platform, PlatformDatabase } from "./platform";
import { withDatabase } from "./postgres";

/** The statements that use an object, by its title: `trigger users_set_updated_at on users`. */
export type Probes = ReadonlyMap<string, string>;

type Outcome = Pick<Finding, "verdict" | "found">;

const KINDS = ["function", "procedure", "aggregate", "trigger"];
const HEAD = /^-- probe: (.+)$/m;
/** So that a probe neither waits for others nor keeps them waiting. */
const LIMITS = "set local lock_timeout = '1s'; set local statement_timeout = '3s'";
/** On a busy server a lock or a slow disk can take longer than these limits, which says nothing about the object. */
const TRIES = 3;

export const routineChecks = ({ databases }: Platform): Check[] =>
  databases.map((database) => ({
    what: `functions and triggers of ${database.inputs.database}`,
    async ask() {
      const file = probesFile(database.inputs.directory);
      const probes = existsSync(file) ? parseProbes(readFileSync(file, "utf8")) : new Map();
      const [{ catalogue }, outcomes] = await Promise.all([
        database.inspect(),
        asApplication(database, probes),
      ]);
      return judgeRoutines(database.inputs.database, relative(ROOT, file), catalogue, outcomes);
    },
  }));

/** The probes of a database are beside the folder of its migrations, which holds nothing but migrations. */
export const probesFile = (directory: string): string => `${directory}.probes.sql`;

/**
 * Reads the probes of a file: each begins with a line `-- probe: <title>`, and its last statement returns one value,
 * true where the object does what it is for.
 */
export function parseProbes(text: string): Probes {
  const [, ...parts] = text.split(HEAD);
  return new Map(
    parts.flatMap((title, index) => (index % 2 === 0 ? [[title.trim(), parts[index + 1]]] : [])),
  );
}

const asApplication = ({ inputs, connections }: PlatformDatabase, probes: Probes) => {
  const { host, port, username, password, name } = connections.database;
  const ssl = clientTls(inputs.trusted);
  return withDatabase({ host, port, user: username, password, database: name, ssl }, (client) =>
    runProbes((sql) => client.query(sql), probes),
  );
};

/** @param query runs several statements, and answers with the result of each */
export async function runProbes(
  query: (sql: string) => Promise<unknown>,
  probes: Probes,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  for (const [title, sql] of probes) {
    let outcome = await runProbe(query, sql);
    for (let tries = 1; outcome.verdict === "unknown" && tries < TRIES; tries++)
      outcome = await runProbe(query, sql);
    outcomes.set(title, outcome);
  }
  return outcomes;
}

async function runProbe(query: (sql: string) => Promise<unknown>, sql: string): Promise<Outcome> {
  try {
    const results = await query(`begin; ${LIMITS}; ${sql}`);
    return outcomeOf((results as { rows: object[] }[]).at(-1)!.rows);
  } catch (error) {
    const { verdict, found } = failed("", error as Error);
    return { verdict, found };
  } finally {
    await query("rollback");
  }
}

function outcomeOf(rows: readonly object[]): Outcome {
  const value: unknown = Object.values(rows[0] ?? {})[0];
  return value === true
    ? { verdict: "right", found: "works" }
    : { verdict: "wrong", found: "does not do what its probe expects" };
}

/** One line for each function and trigger that the database has or should have, and for each probe of another one. */
export function judgeRoutines(
  database: string,
  file: string,
  catalogue: { expected: Catalogue; found: Catalogue } | undefined,
  outcomes: ReadonlyMap<string, Outcome>,
): Finding[] {
  if (catalogue === undefined) {
    const reason = "no run of migrations has noted what it should hold; run up";
    return [unknown(`functions and triggers of ${database}`, reason)];
  }
  const { expected, found } = catalogue;
  const titles = [...expected, ...found].flatMap(([title, { kind }]) =>
    KINDS.includes(kind) ? [title] : [],
  );
  return [...new Set([...titles, ...outcomes.keys()])].sort().map((title) => {
    const what = `${database}: ${title}`;
    if (!found.has(title)) {
      return expected.has(title)
        ? wrong(what, "missing", "there")
        : unknown(what, `no such object; ${file} has a probe of it`);
    }
    const outcome = outcomes.get(title) ?? byTriggers(title, found, outcomes);
    return outcome ? { what, ...outcome } : unknown(what, `not tried: ${file} has no probe of it`);
  });
}

const WORST: readonly Verdict[] = ["wrong", "unknown", "right"];

/** A function that only triggers call is used wherever one of them fires. */
function byTriggers(
  title: string,
  found: Catalogue,
  outcomes: ReadonlyMap<string, Outcome>,
): Outcome | undefined {
  const triggers = [...found].filter(
    ([, { kind, definition }]) =>
      kind === "trigger" && title === `function ${calledBy(definition)}()`,
  );
  const verdicts = triggers.map(([trigger]) => outcomes.get(trigger)?.verdict ?? "unknown");
  const verdict = WORST.find((each) => verdicts.includes(each));
  return (
    verdict && {
      verdict,
      found: triggers.length === 1 ? "by its trigger" : `by its ${triggers.length} triggers`,
    }
  );
}

/** The name in `... EXECUTE FUNCTION public.name()`. */
const calledBy = (definition: string) =>
  /EXECUTE FUNCTION (?:public\.)?(.+)\(.*\)/.exec(definition)?.[1];
