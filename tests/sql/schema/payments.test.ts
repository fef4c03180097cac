import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import type { PoolClient } from "pg";

import { asRole, createDatabase, type TestDatabase } from "../support/databases";
import { add, change, find, type Row } from "./rows";

describe("what the payment service keeps by triggers", function () {
  this.timeout(30_000);

  let database: TestDatabase;

  before(async () => {
    database = await createDatabase("payment_service_db");
  });
  after(() => database.drop());

  /** A test in a transaction of the service's role, which is rolled back. */
  const asService = (act: (client: PoolClient) => Promise<void>) => () =>
    asRole(database, "app", act);

  const iso = (time: Date | null) => time && time.toISOString();
  const daysFromNow = (days: number) => new Date(Date.now() + days * 86_400_000);

  describe("an invoice's number", () => {
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
      "is of this year without a time given",
      asService(async (client) => {
        assert.match(await bare(client), new RegExp(`^INV-${new Date().getUTCFullYear()}-\\d{6}$`));
      }),
    );

    it(
      "turns with the year in UTC, whatever the session's time zone is",
      asService(async (client) => {
        for (const zone of ["Pacific/Kiritimati", "Pacific/Niue"]) {
          await client.query(`set local timezone = '${zone}'`);
          assert.match(await bare(client, "2031-12-31T23:59:59.999Z"), /^INV-2031-/);
          assert.match(await bare(client, "2032-01-01T00:00:00Z"), /^INV-2032-/);
        }
      }),
    );

    it(
      "is kept when it is given, and counted on from when it has the form",
      asService(async (client) => {
        const given = { created_at: "2031-01-01T00:00:00Z" };
        for (const number of [
          "OLD-77",
          "INV-2031-000041",
          "INV-2031-7",
          "INV-2031-9999999",
          "inv",
        ]) {
          const invoice = await add(client, "invoices", { ...given, invoice_number: number });
          assert.equal(invoice.invoice_number, number);
        }
        assert.equal(await bare(client, given.created_at), "INV-2031-000042");
        assert.equal(await bare(client, "2030-01-01T00:00:00Z"), "INV-2030-000001");
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
      "is another one for each row of one statement",
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
      "runs out with a clear error instead of growing a digit",
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
      // Nearly all of them must begin anew, over and over: fewer will do.
      ["repeatable read", 8, 25, 2042],
    ] as const) {
      it(`has no double and no gap among ${connections} connections, some of which roll back, at ${isolation}`, async () => {
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
                // Its view is older than the wait: the number it found is taken, and it must begin
                // anew. At read committed nobody ever has to.
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

    it("costs the same however many there are: 5,000 in one statement", async () => {
      const began = performance.now();
      await asRole(database, "app", (client) =>
        client.query(
          `insert into invoices (user_id, amount_due_usd, created_at)
           select gen_random_uuid(), 1, '2046-06-01' from generate_series(1, 5000)`,
        ),
      );
      // Reading and sorting all earlier ones for each took 58 s for 10,000; the bound is wide for a
      // busy machine.
      assert.ok(performance.now() - began < 5_000);
    });

    it("is not taken from under a given one that is not committed yet", async () => {
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

    it("of one year does not wait for another year's", async () => {
      const pool = database.pool("app", 50);
      const first = await pool.connect();
      try {
        await first.query("begin");
        await add(first, "invoices", { created_at: "2044-06-01T00:00:00Z" });
        const { invoice_number } = await add(pool, "invoices", {
          created_at: "2045-06-01T00:00:00Z",
        });
        assert.equal(invoice_number, "INV-2045-000001");
        await first.query("rollback");
      } finally {
        first.release();
      }
    });
  });

  describe("a subscription", () => {
    /** A payment of this subscription with the status, at once. */
    const pay = (client: PoolClient, subscription: Row, status: string, values: Row = {}) =>
      add(client, "payment_transactions", {
        user_id: subscription.user_id,
        subscription_id: subscription.id,
        status,
        ...values,
      });
    const now = async (client: PoolClient, subscription: Row) =>
      (await find(client, "subscriptions", subscription.id)) as Row;

    const afterSuccess: [before: string, after: string][] = [
      ["TRIALING", "ACTIVE"],
      ["PAST_DUE", "ACTIVE"],
      ["UNPAID", "ACTIVE"],
      ["ACTIVE", "ACTIVE"],
      ["CANCELED", "CANCELED"],
    ];
    const afterFailure: [before: string, after: string][] = [
      ["TRIALING", "PAST_DUE"],
      ["ACTIVE", "PAST_DUE"],
      ["PAST_DUE", "PAST_DUE"],
      ["UNPAID", "UNPAID"],
      ["CANCELED", "CANCELED"],
    ];
    const end = daysFromNow(10);

    for (const how of ["inserted", "changed"] as const) {
      for (const [outcome, cases] of [
        ["SUCCEEDED", afterSuccess],
        ["FAILED", afterFailure],
      ] as const) {
        for (const [status, expected] of cases) {
          it(
            `that is ${status} is ${expected} after a payment is ${how} as ${outcome}`,
            asService(async (client) => {
              const subscription = await add(client, "subscriptions", {
                status,
                current_period_end: end,
              });
              if (how === "inserted") {
                await pay(client, subscription, outcome);
              } else {
                const payment = await pay(client, subscription, "PENDING");
                assert.equal((await now(client, subscription)).status, status);
                await change(client, "payment_transactions", payment.id, { status: outcome });
              }
              const after = await now(client, subscription);
              assert.equal(after.status, expected);
              const rolls = outcome === "SUCCEEDED" && status !== "CANCELED";
              assert.equal(after.current_period_end > end, rolls);
            }),
          );
        }
      }
    }

    const rolls: [cycle: string, from: string, to: string][] = [
      ["MONTHLY", "2096-03-15T10:30:00Z", "2096-04-15T10:30:00Z"],
      ["MONTHLY", "2097-01-31T00:00:00Z", "2097-02-28T00:00:00Z"],
      ["MONTHLY", "2096-01-31T12:00:00Z", "2096-02-29T12:00:00Z"],
      ["MONTHLY", "2097-12-31T23:00:00Z", "2098-01-31T23:00:00Z"],
      ["YEARLY", "2096-02-29T00:00:00Z", "2097-02-28T00:00:00Z"],
      ["YEARLY", "2097-05-31T00:00:00Z", "2098-05-31T00:00:00Z"],
    ];
    for (const [cycle, from, to] of rolls) {
      for (const zone of ["UTC", "America/New_York", "Pacific/Kiritimati"]) {
        it(
          `that is ${cycle} rolls from ${from} to ${to} in a session of ${zone}`,
          asService(async (client) => {
            await client.query(`set local timezone = '${zone}'`);
            const subscription = await add(client, "subscriptions", {
              billing_cycle: cycle,
              current_period_start: "2090-01-01T00:00:00Z",
              current_period_end: from,
            });
            await pay(client, subscription, "SUCCEEDED");
            const after = await now(client, subscription);
            assert.equal(iso(after.current_period_start), new Date(from).toISOString());
            assert.equal(iso(after.current_period_end), new Date(to).toISOString());
          }),
        );
      }
    }

    for (const [what, current_period_end] of [
      ["has passed", daysFromNow(-3)],
      ["never began", null],
    ] as const) {
      it(
        `rolls from now where its period ${what}`,
        asService(async (client) => {
          const subscription = await add(client, "subscriptions", {
            status: "PAST_DUE",
            current_period_end,
          });
          await pay(client, subscription, "SUCCEEDED");
          const { rows } = await client.query<Row>(
            `select current_period_start = now() as from_now,
             current_period_end = (now() at time zone 'UTC' + interval '1 month') at time zone 'UTC'
               as a_month
           from subscriptions where id = $1`,
            [subscription.id],
          );
          assert.deepEqual(rows[0], { from_now: true, a_month: true });
        }),
      );
    }

    it(
      "that is LIFETIME becomes ACTIVE and does not roll",
      asService(async (client) => {
        const subscription = await add(client, "subscriptions", {
          billing_cycle: "LIFETIME",
          status: "TRIALING",
        });
        await pay(client, subscription, "SUCCEEDED");
        const after = await now(client, subscription);
        assert.equal(after.status, "ACTIVE");
        assert.equal(after.current_period_start, null);
        assert.equal(after.current_period_end, null);
      }),
    );

    for (const type of ["REFUND", "CHARGEBACK", "ADJUSTMENT"]) {
      it(
        `does not move with a ${type}`,
        asService(async (client) => {
          const subscription = await add(client, "subscriptions", {
            status: "PAST_DUE",
            current_period_end: end,
          });
          await pay(client, subscription, "SUCCEEDED", { type });
          const failed = await pay(client, subscription, "PENDING", { type });
          await change(client, "payment_transactions", failed.id, { status: "FAILED" });
          const after = await now(client, subscription);
          assert.equal(after.status, "PAST_DUE");
          assert.deepEqual(after.current_period_end, end);
        }),
      );
    }

    it(
      "does not move with a payment that is canceled, refunded or for nothing in particular",
      asService(async (client) => {
        const subscription = await add(client, "subscriptions", { current_period_end: end });
        await pay(client, subscription, "CANCELED");
        await pay(client, subscription, "REFUNDED");
        await pay(client, { user_id: subscription.user_id, id: null }, "FAILED");
        assert.deepEqual((await now(client, subscription)).updated_at, subscription.updated_at);
      }),
    );

    it(
      "rolls once for a payment that is reported twice, refunded and reported again",
      asService(async (client) => {
        const subscription = await add(client, "subscriptions", {
          current_period_end: "2096-03-15T00:00:00Z",
        });
        const payment = await pay(client, subscription, "PENDING");
        const report = (status: string) =>
          client.query(
            `insert into payment_transactions
             (user_id, subscription_id, provider, provider_transaction_id, type, status, amount_usd)
           values ($1, $2, 'STRIPE', $3, 'PAYMENT', $4, 10)
           on conflict (provider, provider_transaction_id) do update set status = excluded.status`,
            [subscription.user_id, subscription.id, payment.provider_transaction_id, status],
          );
        for (const status of ["SUCCEEDED", "SUCCEEDED", "REFUNDED", "SUCCEEDED"]) {
          await report(status);
        }
        const after = await now(client, subscription);
        assert.equal(iso(after.current_period_end), "2096-04-15T00:00:00.000Z");
      }),
    );

    for (const other of ["ACTIVE", "TRIALING"]) {
      it(
        `that would be a user's second active one beside one that is ${other} is left, the payment kept`,
        asService(async (client) => {
          const lapsed = await add(client, "subscriptions", {
            status: "PAST_DUE",
            current_period_end: end,
          });
          await add(client, "subscriptions", { user_id: lapsed.user_id, status: other });
          const inserted = await pay(client, lapsed, "SUCCEEDED");
          const changed = await pay(client, lapsed, "PENDING");
          await change(client, "payment_transactions", changed.id, { status: "SUCCEEDED" });

          const after = await now(client, lapsed);
          assert.equal(after.status, "PAST_DUE");
          assert.deepEqual(after.current_period_end, end);
          for (const { id } of [inserted, changed]) {
            assert.equal((await find(client, "payment_transactions", id))?.status, "SUCCEEDED");
          }
        }),
      );
    }

    describe("with payments at the same time", () => {
      const inParallel = (count: number, act: (index: number) => Promise<unknown>) =>
        Promise.allSettled(Array.from({ length: count }, (_, index) => act(index)));

      it("rolls once for each of 12", async () => {
        const pool = database.pool("app", 50);
        const subscription = await add(pool, "subscriptions", {
          status: "TRIALING",
          current_period_end: "2096-01-15T00:00:00Z",
        });
        const results = await inParallel(12, () =>
          add(pool, "payment_transactions", {
            subscription_id: subscription.id,
            status: "SUCCEEDED",
          }),
        );
        assert.ok(results.every((result) => result.status === "fulfilled"));
        const after = await find(pool, "subscriptions", subscription.id);
        assert.equal(iso(after?.current_period_end), "2097-01-15T00:00:00.000Z");
      });

      it("rolls once for a webhook that comes 20 times", async () => {
        const pool = database.pool("app", 50);
        const subscription = await add(pool, "subscriptions", {
          status: "PAST_DUE",
          current_period_end: "2096-01-15T00:00:00Z",
        });
        const provider_transaction_id = randomUUID();
        const results = await inParallel(20, () =>
          add(pool, "payment_transactions", {
            subscription_id: subscription.id,
            provider_transaction_id,
            status: "SUCCEEDED",
          }),
        );
        const refused = results.filter((result) => result.status === "rejected");
        assert.equal(refused.length, 19);
        for (const { reason } of refused) {
          assert.equal(reason.code, "23505");
        }
        const after = await find(pool, "subscriptions", subscription.id);
        assert.equal(iso(after?.current_period_end), "2096-02-15T00:00:00.000Z");
      });

      it("is the only active one of five of a user that are paid at once", async () => {
        const pool = database.pool("app", 50);
        for (let round = 0; round < 5; round++) {
          const user_id = randomUUID();
          const subscriptions = await Promise.all(
            Array.from({ length: 5 }, () =>
              add(pool, "subscriptions", { user_id, status: "PAST_DUE" }),
            ),
          );
          const results = await inParallel(5, (index) =>
            add(pool, "payment_transactions", {
              user_id,
              subscription_id: subscriptions[index].id,
              status: "SUCCEEDED",
            }),
          );
          assert.ok(results.every((result) => result.status === "fulfilled"));
          const { rows } = await pool.query<Row>(
            "select status, count(*)::int from subscriptions where user_id = $1 group by 1 order by 1",
            [user_id],
          );
          assert.deepEqual(rows, [
            { status: "ACTIVE", count: 1 },
            { status: "PAST_DUE", count: 4 },
          ]);
        }
      });
    });
  });
});
