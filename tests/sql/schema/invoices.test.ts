import assert from "node:assert/strict";

import type { PoolClient } from "pg";

import { asRole, createDatabase, type TestDatabase } from "../support/databases";
import { add, change, type Row, tried } from "./rows";

describe("an invoice's number", function () {
  this.timeout(30_000);

  let database: TestDatabase;

  before(async () => {
    database = await createDatabase("payment_service_db");
  });
  after(() => database.drop());

  /** A test in a transaction of the service's role, which is rolled back. */
  const asService = (act: (client: PoolClient) => Promise<void>) => () =>
    asRole(database, "app", act);

  const bare = async (client: PoolClient, created_at?: string) =>
    (await add(client, "invoices", created_at ? { created_at } : {})).invoice_number as string;

  it(
    "counts up from 1 within the year of the invoice",
    asService(async (client) => {
      assert.equal(await bare(client, "2031-03-01T00:00:00Z"), "INV-2031-000001");
      assert.equal(await bare(client, "2031-02-01T00:00:00Z"), "INV-2031-000002");
      assert.equal(await bare(client, "2032-01-01T00:00:00Z"), "INV-2032-000001");
      assert.equal(await bare(client, "2031-12-01T00:00:00Z"), "INV-2031-000003");
    }),
  );

  it(
    "uses the current year if no time is given",
    asService(async (client) => {
      assert.match(await bare(client), new RegExp(`^INV-${new Date().getUTCFullYear()}-\\d{6}$`));
    }),
  );

  it(
    "changes year in UTC, whatever the session's time zone",
    asService(async (client) => {
      for (const zone of ["Pacific/Kiritimati", "Pacific/Niue"]) {
        await client.query(`set local timezone = '${zone}'`);
        assert.match(await bare(client, "2031-12-31T23:59:59.999Z"), /^INV-2031-/);
        assert.match(await bare(client, "2032-01-01T00:00:00Z"), /^INV-2032-/);
      }
    }),
  );

  it(
    "is kept if the insert has one, and the next number follows it if it has the form",
    asService(async (client) => {
      const given = { created_at: "2031-01-01T00:00:00Z" };
      for (const number of ["OLD-77", "INV-2031-000041", "INV-2031-7", "INV-2031-9999999", "inv"]) {
        const invoice = await add(client, "invoices", { ...given, invoice_number: number });
        assert.equal(invoice.invoice_number, number);
      }
      assert.equal(await bare(client, given.created_at), "INV-2031-000042");
      assert.equal(await bare(client, "2030-01-01T00:00:00Z"), "INV-2030-000001");
    }),
  );

  it(
    "counts as missing if it is blank, any number of times",
    asService(async (client) => {
      const created_at = "2031-01-01T00:00:00Z";
      for (const [index, invoice_number] of ["", "", " ", "\t\n", "\u00a0", "\u3000"].entries()) {
        const invoice = await add(client, "invoices", { created_at, invoice_number });
        assert.equal(invoice.invoice_number, `INV-2031-00000${index + 1}`);
      }
      assert.equal(await bare(client, created_at), "INV-2031-000007");
    }),
  );

  it(
    "is not changed by an update",
    asService(async (client) => {
      const invoice = await add(client, "invoices", { created_at: "2031-01-01T00:00:00Z" });
      const changed = await change(client, "invoices", invoice.id, {
        created_at: "2032-01-01T00:00:00Z",
        status: "OPEN",
      });
      assert.equal(changed.invoice_number, "INV-2031-000001");
    }),
  );

  it(
    "is not used twice: it can neither be changed nor deleted, whatever the invoice's status",
    asService(async (client) => {
      const refused = { code: "23001", message: "invoice INV-2031-000001 keeps its number" };
      const { id } = await add(client, "invoices", { created_at: "2031-01-01T00:00:00Z" });
      for (const status of ["DRAFT", "OPEN", "PAID", "VOID", "UNCOLLECTIBLE"]) {
        await change(client, "invoices", id, { status });
        await tried(client, () =>
          assert.rejects(change(client, "invoices", id, { invoice_number: "X" }), refused),
        );
        await tried(client, () =>
          assert.rejects(client.query("delete from invoices where id = $1", [id]), refused),
        );
      }
      // An ORM writes every column back.
      await change(client, "invoices", id, { invoice_number: "INV-2031-000001", status: "VOID" });
      assert.equal(await bare(client, "2031-01-01T00:00:00Z"), "INV-2031-000002");
    }),
  );

  it(
    "is different for each row of one statement",
    asService(async (client) => {
      const { rows } = await client.query<Row>(
        `insert into invoices (user_id, amount_due_usd, created_at)
       select gen_random_uuid(), 1, '2031-06-01' from generate_series(1, 200)
       returning invoice_number`,
      );
      assert.deepEqual(
        rows.map((row) => row.invoice_number),
        Array.from({ length: 200 }, (_, index) => `INV-2031-${`${index + 1}`.padStart(6, "0")}`),
      );
    }),
  );

  it(
    "ends with a clear error instead of a seventh digit",
    asService(async (client) => {
      await add(client, "invoices", { invoice_number: "INV-2031-999999" });
      await assert.rejects(bare(client, "2031-06-01T00:00:00Z"), {
        code: "2200H",
        message: "no invoice number is left for the year 2031",
      });
    }),
  );

  for (const [isolation, connections, attempts, year] of [
    ["read committed", 50, 150, 2041],
    // Nearly all of them must retry many times, so fewer are enough.
    ["repeatable read", 8, 25, 2042],
  ] as const) {
    it(`has no duplicate and no gap with ${connections} connections, some of which roll back, at ${isolation}`, async () => {
      const created_at = `${year}-06-01T00:00:00Z`;
      const pool = database.pool("app", connections);
      await Promise.all(Array.from({ length: attempts }, (_, index) => invoice(index % 5 === 0)));

      const { rows } = await pool.query<Row>(
        "select invoice_number from invoices where created_at = $1 order by invoice_number",
        [created_at],
      );
      assert.deepEqual(
        rows.map((row) => row.invoice_number),
        Array.from(
          { length: attempts * 0.8 },
          (_, index) => `INV-${year}-${`${index + 1}`.padStart(6, "0")}`,
        ),
      );

      async function invoice(fails: boolean): Promise<void> {
        const client = await pool.connect();
        try {
          for (;;) {
            try {
              await client.query(`begin isolation level ${isolation}`);
              await add(client, "invoices", { created_at });
              await client.query(fails ? "rollback" : "commit");
              return;
            } catch (error) {
              await client.query("rollback");
              // Its snapshot is older than the wait: the number that it found is taken, so it must
              // retry. At read committed this never happens.
              const code = (error as { code?: string }).code;
              if (isolation === "read committed" || code !== "23505") {
                throw error;
              }
            }
          }
        } finally {
          client.release();
        }
      }
    });
  }

  it("is counted per year when 50 connections write for two years", async () => {
    const pool = database.pool("app", 50);
    const sides = ["2047-12-31T23:59:59.999Z", "2048-01-01T00:00:00Z"];
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        add(pool, "invoices", { created_at: sides[index % 2] }),
      ),
    );
    for (const [index, year] of [2047, 2048].entries()) {
      const { rows } = await pool.query<Row>(
        "select invoice_number from invoices where created_at = $1 order by invoice_number",
        [sides[index]],
      );
      assert.deepEqual(
        rows.map((row) => row.invoice_number),
        Array.from({ length: 50 }, (_, n) => `INV-${year}-${`${n + 1}`.padStart(6, "0")}`),
      );
    }
  });

  it("costs the same however many exist: 5,000 in one statement", async () => {
    const began = performance.now();
    await asRole(database, "app", (client) =>
      client.query(
        `insert into invoices (user_id, amount_due_usd, created_at)
         select gen_random_uuid(), 1, '2046-06-01' from generate_series(1, 5000)`,
      ),
    );
    // Reading and sorting all earlier invoices for each new one took 58 s for 10,000. The limit allows
    // for a busy machine.
    assert.ok(performance.now() - began < 5_000);
  });

  it("does not reuse a given number that is not committed yet", async () => {
    const pool = database.pool("app", 50);
    const created_at = "2043-06-01T00:00:00Z";
    const first = await pool.connect();
    try {
      await first.query("begin");
      await add(first, "invoices", { created_at, invoice_number: "INV-2043-000001" });
      const second = add(pool, "invoices", { created_at });
      await new Promise((resolve) => setTimeout(resolve, 50));
      await first.query("commit");
      assert.equal((await second).invoice_number, "INV-2043-000002");
    } finally {
      first.release();
    }
  });

  it("causes no deadlock when statements write invoices of two years in either order", async () => {
    const pool = database.pool("app", 50);
    const sides = ["2044-12-31T23:59:59.999Z", "2045-01-01T00:00:00Z"];
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        pool.query(
          `insert into invoices (user_id, amount_due_usd, created_at)
           select gen_random_uuid(), 1, side
           from unnest($1::timestamptz[]) with ordinality both_sides (side, place),
             generate_series(1, 20)
           order by place`,
          [index % 2 ? sides : [...sides].reverse()],
        ),
      ),
    );
    for (const year of [2044, 2045]) {
      const { rows } = await pool.query<Row>(
        "select invoice_number from invoices where invoice_number like $1 order by 1",
        [`INV-${year}-%`],
      );
      assert.deepEqual(
        rows.map((row) => row.invoice_number),
        Array.from({ length: 200 }, (_, n) => `INV-${year}-${`${n + 1}`.padStart(6, "0")}`),
      );
    }
  });
});
