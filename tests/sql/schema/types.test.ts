import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

import { createDatabase, DATABASES } from "../support/databases";
import { add, type Row } from "./rows";

const DOCUMENT = path.resolve(__dirname, "../../../docs/schema/types.md");

/** The rows of docs/schema/types.md: type, Kotlin, hint, TypeScript, hint. */
const documented = readFileSync(DOCUMENT, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .map((line) => line.slice(1, -1).split("|"))
  .map((cells) => cells.map((cell) => cell.trim()))
  .filter(([type]) => /^[a-z]+$/.test(type) && type !== "type");

/** The `typeof` results of the table's TypeScript types. */
const TYPEOF: Record<string, string> = { Date: "object", parsed: "object" };

describe("the table of column types", function () {
  this.timeout(30_000);

  it("contains exactly the types of the four databases", async () => {
    const used = new Set<string>();
    for (const name of DATABASES) {
      const database = await createDatabase(name);
      try {
        const { rows } = await database.pool("superuser").query<{ type: string }>(`
          select distinct replace(format_type(atttypid, null), 'timestamp with time zone', 'timestamptz') as type
          from pg_attribute join pg_class c on c.oid = attrelid
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and attnum > 0 and not attisdropped`);
        rows.forEach(({ type }) => used.add(type));
      } finally {
        await database.drop();
      }
    }
    // Hibernate's validation expects integer for an Int and fails on smallint.
    assert.ok(!used.has("smallint"));
    assert.deepEqual(documented.map(([type]) => type).sort(), [...used].sort());
  });

  it("states how pg returns a value", async () => {
    const database = await createDatabase("user_service_db");
    const samples: Record<string, string> = {
      uuid: "gen_random_uuid()",
      text: "'a'",
      boolean: "true",
      integer: "1",
      bigint: "1",
      numeric: "1.00",
      timestamptz: "now()",
      date: "current_date",
      jsonb: "'{}'",
      inet: "'192.0.2.1'",
      tsvector: "''",
    };
    try {
      for (const [type, , , typescript] of documented) {
        const { rows } = await database
          .pool("app")
          .query<Row>(`select cast(${samples[type]} as ${type}) as value`);
        const documentedType = typescript.replaceAll("`", "").split(" ")[0];
        assert.equal(typeof rows[0].value, TYPEOF[documentedType] ?? documentedType, type);
      }
    } finally {
      await database.drop();
    }
  });

  it("warns about an array that pg would not write as JSON", async () => {
    const database = await createDatabase("payment_service_db");
    try {
      const pool = database.pool("app");
      const items = [{ text: "PRO" }];
      await assert.rejects(add(pool, "invoices", { line_items: items }), { code: "22P02" });
      const invoice = await add(pool, "invoices", { line_items: JSON.stringify(items) });
      assert.deepEqual(invoice.line_items, items);
    } finally {
      await database.drop();
    }
  });
});
