import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import type { PoolClient } from "pg";

import { readDocument } from "../queries/document";
import { asRole, createDatabase, type TestDatabase } from "../support/databases";
import { daysFromNow, iso, now, pay, payAtOnce } from "./payments";
import { add, change, find, type Row } from "./rows";

describe("a subscription", function () {
  this.timeout(30_000);

  let database: TestDatabase;

  before(async () => {
    database = await createDatabase("payment_service_db");
  });
  after(() => database.drop());

  /** A test in a transaction of the service's role, which is rolled back. */
  const asService = (act: (client: PoolClient) => Promise<void>) => () =>
    asRole(database, "app", act);

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

  const mixed: [before: string, payments: string[], after: string, rolls: number][] = [
    ["TRIALING", ["SUCCEEDED", "FAILED"], "PAST_DUE", 1],
    ["ACTIVE", ["FAILED", "SUCCEEDED"], "ACTIVE", 1],
    ["UNPAID", ["FAILED", "PENDING"], "UNPAID", 0],
    ["UNPAID", ["SUCCEEDED", "FAILED", "CANCELED"], "PAST_DUE", 1],
    ["PAST_DUE", ["SUCCEEDED", "FAILED", "SUCCEEDED"], "ACTIVE", 2],
    ["CANCELED", ["SUCCEEDED", "SUCCEEDED"], "CANCELED", 0],
  ];
  for (const [before, payments, expected, rolls] of mixed) {
    it(
      `that is ${before} is ${expected} after one statement with ${payments.join(", ")}`,
      asService(async (client) => {
        const values = { status: before, current_period_end: "2096-01-15T00:00:00Z" };
        const subscription = await add(client, "subscriptions", values);
        const untouched = await add(client, "subscriptions", values);
        await payAtOnce(
          client,
          payments.map((status) => [subscription, status]),
        );
        const after = await now(client, subscription);
        assert.equal(after.status, expected);
        assert.equal(iso(after.current_period_end), `2096-0${1 + rolls}-15T00:00:00.000Z`);
        assert.deepEqual(await now(client, untouched), untouched);
      }),
    );
  }

  it(
    "is extended once for each payment that one update reports, and the last one decides its status",
    asService(async (client) => {
      const values = { current_period_end: "2096-01-15T00:00:00Z" };
      const one = await add(client, "subscriptions", values);
      const two = await add(client, "subscriptions", values);
      const paid = await add(client, "subscriptions", values);
      await payAtOnce(client, [
        [one, "PENDING"],
        [two, "PENDING"],
        [one, "PENDING"],
        [paid, "SUCCEEDED"],
        [paid, "REFUNDED"],
      ]);
      const before = await now(client, paid);
      await client.query(
        `update payment_transactions
         set status = case when subscription_id = $1 then 'FAILED' else 'SUCCEEDED' end`,
        [two.id],
      );
      const after = [await now(client, one), await now(client, two)];
      assert.deepEqual(
        after.map(({ status, current_period_end }) => [status, iso(current_period_end)]),
        [
          ["ACTIVE", "2096-03-15T00:00:00.000Z"],
          ["PAST_DUE", "2096-01-15T00:00:00.000Z"],
        ],
      );
      assert.deepEqual(await now(client, paid), before);
    }),
  );

  it(
    "is the only active one when one statement pays two subscriptions of a user and those of others",
    asService(async (client) => {
      const user_id = randomUUID();
      const lapsed = { user_id, status: "PAST_DUE" };
      const two = [
        await add(client, "subscriptions", lapsed),
        await add(client, "subscriptions", lapsed),
      ];
      const other = await add(client, "subscriptions", { status: "UNPAID" });
      await payAtOnce(
        client,
        [...two, other].map((subscription) => [subscription, "SUCCEEDED"]),
      );
      const statuses = await Promise.all(two.map((subscription) => now(client, subscription)));
      assert.deepEqual(statuses.map(({ status }) => status).sort(), ["ACTIVE", "PAST_DUE"]);
      assert.equal((await now(client, other)).status, "ACTIVE");
    }),
  );

  it(
    "is not written if a payment changes nothing",
    asService(async (client) => {
      for (const [values, status] of [
        [{ billing_cycle: "LIFETIME" }, "SUCCEEDED"],
        [{ status: "UNPAID" }, "FAILED"],
      ] as const) {
        const subscription = await add(client, "subscriptions", values);
        const version = async () =>
          (
            await client.query<Row>("select ctid from subscriptions where id = $1", [
              subscription.id,
            ])
          ).rows[0].ctid as string;
        const before = await version();
        await pay(client, subscription, status);
        assert.equal(await version(), before);
      }
    }),
  );

  for (const status of ["TRIALING", "PAST_DUE", "UNPAID", "ACTIVE"]) {
    it(
      `that is ${status} is not written by a charge that is no renewal, whatever its outcome`,
      asService(async (client) => {
        const subscription = await add(client, "subscriptions", {
          status,
          current_period_end: end,
        });
        const metadata = { renewal: false, addOn: "storage" };
        for (const outcome of ["SUCCEEDED", "FAILED"]) {
          await pay(client, subscription, outcome, { metadata });
          const payment = await pay(client, subscription, "PENDING", { metadata });
          await change(client, "payment_transactions", payment.id, { status: outcome });
        }
        assert.deepEqual(await now(client, subscription), subscription);
      }),
    );
  }

  it(
    "is extended only for the renewal if one statement also reports an add-on",
    asService(async (client) => {
      const subscription = await add(client, "subscriptions", {
        current_period_end: "2096-01-15T00:00:00Z",
      });
      for (const renewal of [false, true, "false", null]) {
        await pay(client, subscription, "PENDING", { metadata: { renewal } });
      }
      await client.query(
        "update payment_transactions set status = 'SUCCEEDED' where subscription_id = $1",
        [subscription.id],
      );
      const after = await now(client, subscription);
      assert.equal(iso(after.current_period_end), "2096-04-15T00:00:00.000Z");
    }),
  );

  for (const type of ["REFUND", "CHARGEBACK", "ADJUSTMENT"]) {
    it(
      `does not change with a ${type}`,
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
    "does not change with a payment that is canceled, refunded or for no subscription",
    asService(async (client) => {
      const subscription = await add(client, "subscriptions", { current_period_end: end });
      await pay(client, subscription, "CANCELED");
      await pay(client, subscription, "REFUNDED");
      await pay(client, { user_id: subscription.user_id, id: null }, "FAILED");
      assert.deepEqual((await now(client, subscription)).updated_at, subscription.updated_at);
    }),
  );

  it(
    "is extended once for a payment that is reported twice, refunded and reported again",
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
      `that would be a second active one beside one that is ${other} is not changed, and the payment is kept`,
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

  it(
    "is extended once by the documented statement, even for late and repeated messages",
    asService(async (client) => {
      const subscription = await add(client, "subscriptions", {
        billing_cycle: "MONTHLY",
        current_period_end: daysFromNow(10),
      });
      const title = "Record a payment from a webhook";
      const { sql, parameters } = readDocument().payment_service_db.queries.find(
        (query) => query.title === title,
      )!;
      const says = async (status: string) => {
        const values: Record<string, unknown> = {
          user_id: subscription.user_id,
          subscription_id: subscription.id,
          provider: "STRIPE",
          provider_transaction_id: "ch_late",
          amount_usd: "10.00",
          status,
        };
        const { rowCount } = await client.query(
          sql,
          parameters.map((name) => values[name]),
        );
        return rowCount;
      };
      assert.equal(await says("PENDING"), 1);
      assert.equal(await says("SUCCEEDED"), 1);
      const paid = await now(client, subscription);
      for (const late of ["PENDING", "SUCCEEDED", "FAILED", "SUCCEEDED"]) {
        assert.equal(await says(late), 0, late);
      }
      assert.deepEqual(await now(client, subscription), paid);
      assert.equal(await says("REFUNDED"), 1);
      assert.equal(await says("SUCCEEDED"), 0);
      assert.deepEqual(await now(client, subscription), paid);
    }),
  );
});
