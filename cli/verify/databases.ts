/** The databases with their tables, and their migrations. */
import type { Catalogue, MigrationStatus } from "../../migrator";
import { formatDrift, formatFault, formatRightsFault } from "../../migrator";
import { type Check, compared, type Finding, judged, unknown, wrong } from "./finding";
import type { Platform } from "./platform";

export const databaseChecks = ({ databases }: Platform): Check[] =>
  databases.map((database) => ({
    what: `database ${database.inputs.database}`,
    async ask() {
      const { status, catalogue } = await database.inspect();
      return judgeTables(status, catalogue);
    },
  }));

export const migrationChecks = ({ databases }: Platform): Check[] =>
  databases.map((database) => ({
    what: database.inputs.database,
    async ask() {
      return judgeMigrations((await database.inspect()).status, database.files);
    },
  }));

/** The number of tables, and one line for each with the number of its columns. */
export function judgeTables(
  { database, state }: Pick<MigrationStatus, "database" | "state">,
  catalogue: { expected: Catalogue; found: Catalogue } | undefined,
): Finding[] {
  const what = `database ${database}`;
  if (state === "no-database") {
    return [wrong(what, "missing", "there")];
  }
  if (catalogue === undefined) {
    return [unknown(what, "no run of migrations has noted what it should hold; run up")];
  }
  const [expected, found] = [catalogue.expected, catalogue.found].map(columnsByTable);
  const tables = [...new Set([...expected.keys(), ...found.keys()])].sort();
  return [
    compared(what, count(found.size, "table"), count(expected.size, "table")),
    ...tables.map((table) =>
      compared(
        `table ${database}.${table}`,
        columnsOf(found.get(table), "missing"),
        columnsOf(expected.get(table), "no such table"),
      ),
    ),
  ];
}

const columnsOf = (columns: number | undefined, otherwise: string) =>
  columns === undefined ? otherwise : count(columns, "column");

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;

const TABLE = "table ";

function columnsByTable(catalogue: Catalogue): Map<string, number> {
  const columns = new Map(
    [...catalogue.values()].filter(({ kind }) => kind === "table").map(({ name }) => [name, 0]),
  );
  for (const { kind, partOf } of catalogue.values()) {
    const table = partOf?.startsWith(TABLE) ? partOf.slice(TABLE.length) : "";
    if (kind === "column" && columns.has(table)) {
      columns.set(table, columns.get(table)! + 1);
    }
  }
  return columns;
}

/** How many files ran, and what was changed by hand since. */
export function judgeMigrations(
  status: MigrationStatus,
  files: { versioned: readonly unknown[]; repeatable: readonly unknown[] },
): Finding[] {
  const { database, applied, repeatables, drift, rights, faults, holder } = status;
  const [versioned, repeatable] = [files.versioned.length, files.repeatable.length];
  const ran = (some: number, all: number) => `${some} of ${all}`;
  const byHand = `changes by hand in ${database}`;
  const changes = [...(drift ?? []).map(formatDrift), ...rights.map(formatRightsFault)];
  return [
    holder === undefined
      ? compared(
          `migrations of ${database}`,
          ran(applied.length, versioned),
          ran(versioned, versioned),
        )
      : unknown(`migrations of ${database}`, "being migrated now"),
    compared(
      `repeatable files of ${database}`,
      ran(repeatable - repeatables.length, repeatable),
      ran(repeatable, repeatable),
    ),
    ...faults.map((fault) => wrong(`files of ${database}`, formatFault(fault))),
    drift === undefined && changes.length === 0 && status.state === "ready"
      ? unknown(byHand, "no run of migrations has noted what it should hold; run up")
      : judged(byHand, changes, "none"),
  ];
}
