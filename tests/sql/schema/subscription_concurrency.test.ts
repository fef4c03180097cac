import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { createDatabase, type TestDatabase } from "../support/databases";
import { inParallel, iso, payAtOnce } from "./payments";
import { add, change, find, type Row } from "./rows";

describe("a subscription with concurrent payments", function () {
  this.timeout(30_000);

  let database: TestDatabase;

  before(async () => {
    database = await createDatabase("payment_service_db");
  });
  after(() => database.drop());

  it("is extended once for each of 12", async () => {
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

  it("is extended once for a webhook that is delivered 20 times", async () => {
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

  it("is extended once for a payment that 50 connections report as SUCCEEDED", async () => {
    const pool = database.pool("app", 50);
    const subscription = await add(pool, "subscriptions", {
      current_period_end: "2096-01-15T00:00:00Z",
    });
    const { id } = await add(pool, "payment_transactions", {
      subscription_id: subscription.id,
    });
    const results = await inParallel(50, () =>
      change(pool, "payment_transactions", id, { status: "SUCCEEDED" }),
    );
    assert.ok(results.every((result) => result.status === "fulfilled"));
    const after = await find(pool, "subscriptions", subscription.id);
    assert.equal(iso(after?.current_period_end), "2096-02-15T00:00:00.000Z");
  });

  it("causes no deadlock when statements pay the same subscriptions in either order", async () => {
    const pool = database.pool("app", 50);
    const subscriptions = await Promise.all(
      Array.from({ length: 20 }, () =>
        add(pool, "subscriptions", { current_period_end: "2096-01-15T00:00:00Z" }),
      ),
    );
    const results = await inParallel(10, (index) => {
      const ids = index % 2 ? subscriptions : [...subscriptions].reverse();
      return payAtOnce(
        pool,
        ids.map((subscription) => [subscription, "SUCCEEDED"]),
      );
    });
    assert.ok(results.every((result) => result.status === "fulfilled"));
    for (const { id } of subscriptions) {
      const after = await find(pool, "subscriptions", id);
      assert.equal(iso(after?.current_period_end), "2096-11-15T00:00:00.000Z");
    }
  });

  it("causes no deadlock when statements report payments of the same subscriptions in either order", async () => {
    const pool = database.pool("app", 50);
    const subscriptions = await Promise.all(
      Array.from({ length: 20 }, () =>
        add(pool, "subscriptions", { current_period_end: "2096-01-15T00:00:00Z" }),
      ),
    );
    // Rows are updated in their physical order.
    const reports = Array.from({ length: 10 }, () => randomUUID());
    for (const [index, report] of reports.entries()) {
      await pool.query(
        `insert into payment_transactions
           (user_id, subscription_id, provider, provider_transaction_id, type, amount_usd, metadata)
         select gen_random_uuid(), id, 'STRIPE', gen_random_uuid(), 'PAYMENT', 10,
           jsonb_build_object('report', $2::text)
         from unnest($1::uuid[]) with ordinality subscription (id, place)
         order by place * $3::integer`,
        [subscriptions.map(({ id }) => id as string), report, index % 2 ? 1 : -1],
      );
    }
    const results = await inParallel(10, (index) =>
      pool.query(
        `update payment_transactions set status = 'SUCCEEDED' where metadata ->> 'report' = $1`,
        [reports[index]],
      ),
    );
    assert.ok(results.every((result) => result.status === "fulfilled"));
    for (const { id } of subscriptions) {
      const after = await find(pool, "subscriptions", id);
      assert.equal(iso(after?.current_period_end), "2096-11-15T00:00:00.000Z");
    }
  });

  it("causes no deadlock when two statements each pay one of two subscriptions of many users", async () => {
    const pool = database.pool("app", 50);
    for (let round = 0; round < 5; round++) {
      const users = Array.from({ length: 20 }, () => randomUUID());
      const lapsed = () =>
        Promise.all(
          users.map((user_id) => add(pool, "subscriptions", { user_id, status: "PAST_DUE" })),
        );
      const sides = [await lapsed(), await lapsed()];
      const results = await inParallel(2, (index) =>
        payAtOnce(
          pool,
          sides[index].map((subscription) => [subscription, "SUCCEEDED"]),
        ),
      );
      assert.ok(results.every((result) => result.status === "fulfilled"));
      const { rows } = await pool.query<Row>(
        "select count(*)::int from subscriptions where user_id = any ($1) and status = 'ACTIVE'",
        [users],
      );
      assert.equal(rows[0].count, users.length);
    }
  });

  it("is the only active one when five subscriptions of a user are paid at once", async () => {
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
