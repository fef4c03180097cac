import { randomUUID } from "node:crypto";

import type { Pool } from "pg";

import type { Catalogue, Column, ForeignKey, Table } from "../../../tools/schema/catalogue";
import { allowedValues } from "../../../tools/types/expressions";
import { add, hashed, type Row } from "../schema/rows";

/** Text that a careless encoding changes. */
const TEXT = "Ünï — 漢字 🚀 \"q\" 'a' \\ $x ${y}\n\ttab";

/** JSON of every kind: pg cannot tell the last one from SQL's null. */
export const JSON_KINDS = [
  { "": [], nested: { "ключ ": [1, -0.5, 1.25e-7, true, null, "é\u2028"] } },
  [[], {}, ["a"]],
  TEXT,
  9007199254740991,
  false,
  null,
];

const EDGES: Record<string, (column: Column) => unknown> = {
  uuid: () => randomUUID(),
  text: () => TEXT,
  boolean: () => true,
  integer: () => 2147483647,
  bigint: () => "9223372036854775807",
  numeric: ({ type }) => {
    const [precision, scale] = type.match(/\d+/g)!.map(Number);
    return `${"9".repeat(precision - scale)}.${"9".repeat(scale)}`;
  },
  "timestamp with time zone": () => "2026-03-29T00:59:59.123456Z",
  date: () => "9999-12-31",
  jsonb: () => JSON.stringify(JSON_KINDS[0]),
  inet: () => "2001:db8::1",
};

let versions = 0;

/** Values that a check or a unique key of the column takes, by column. */
const CHECKED: typeof EDGES = {
  email: () => `ünï+${randomUUID()}@例え.example`,
  session_token: () => hashed(randomUUID()),
  refresh_token: () => hashed(randomUUID()),
  token: () => hashed(randomUUID()),
  stage_number: () => 8,
  invoice_number: () => `№ ${randomUUID()}`,
  version_number: () => 2147483647 - versions++,
  rating: () => 5,
  exp_month: () => 12,
  exp_year: () => 2100,
  last_four: () => "0042",
  country: () => "JP",
  event_type: () => "charge.succeeded",
  event_id: () => `evt_!~${randomUUID()}`,
  provider_payment_method_id: () => `pm_!~${randomUUID()}`,
  provider_transaction_id: () => `tx_!~${randomUUID()}`,
  quality_score: () => "0.1000",
  confidence_score: () => "0.0000",
  recommendation_score: () => "1.0000",
  // The tests' server is in St. John's, whose offset of that year has seconds.
  created_at: () => "1900-01-01T00:00:00.5Z",
  billing_period_end: () => "2026-10-25T01:00:00.1Z",
};

/** Tables whose rows a trigger writes. */
const WRITTEN_BY_TRIGGERS = ["content_search_index"];

/**
 * Adds rows to each table: one with as little as possible, one with an edge value in every column, and one for each
 * kind of JSON. Triggers add to them.
 */
export async function addEdgeRows(pool: Pool, { tables, foreignKeys }: Catalogue): Promise<void> {
  const ids = new Map<string, string>();
  for (const table of inOrder(tables, foreignKeys)) {
    const keys = foreignKeys.filter((key) => key.table === table.name);
    const references = (wanted: ForeignKey[]) =>
      Object.fromEntries(wanted.map(({ column, references }) => [column, ids.get(references)]));
    const minimal = await add(pool, table.name, references(keys.filter((key) => !key.nullable)));
    ids.set(table.name, minimal.id);
    await add(pool, table.name, { ...(await edgeRow(table)), ...references(keys) });
    for (const column of table.columns.filter(({ type }) => type === "jsonb")) {
      for (const value of JSON_KINDS) {
        const json = value === null && column.nullable ? null : JSON.stringify(value);
        const row = { ...(await edgeRow(table)), ...references(keys), [column.name]: json };
        await add(pool, table.name, row);
      }
    }
  }
}

/** The tables that rows are added to, each after those that it references. */
function inOrder(tables: Table[], foreignKeys: ForeignKey[]): Table[] {
  const sorted: Table[] = [];
  const remaining = tables.filter(({ name }) => !WRITTEN_BY_TRIGGERS.includes(name));
  while (remaining.length > 0) {
    const index = remaining.findIndex(({ name }) =>
      foreignKeys.every(
        (key) => key.table !== name || sorted.some((earlier) => earlier.name === key.references),
      ),
    );
    sorted.push(...remaining.splice(index, 1));
  }
  return sorted;
}

async function edgeRow({ columns, constraints }: Table): Promise<Row> {
  const checks = constraints.filter(({ definition }) => definition.startsWith("CHECK"));
  const lists = await Promise.all(checks.map(({ definition }) => allowedValues(definition)));
  return Object.fromEntries(
    columns.map((column) => {
      const listed = lists.find((list) => list?.column === column.name)?.values.at(-1);
      const edge = CHECKED[column.name] ?? EDGES[column.type.replace(/\(.*\)/, "")];
      return [column.name, listed ?? edge(column)];
    }),
  );
}
