import assert from "node:assert/strict";

import type { PoolClient } from "pg";

import { asRole, createDatabase, type TestDatabase } from "../support/databases";
import { daysFromNow, iso, now, pay, payAtOnce } from "./payments";
import { add, type Row } from "./rows";

describe("a subscription's period", function () {
  this.timeout(30_000);

  let database: TestDatabase;

  before(async () => {
    database = await createDatabase("payment_service_db");
  });
  after(() => database.drop());

  /** A test in a transaction of the service's role, which is rolled back. */
  const asService = (act: (client: PoolClient) => Promise<void>) => () =>
    asRole(database, "app", act);

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
        `that is ${cycle} is extended from ${from} to ${to} in a session in ${zone}`,
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

  // [name, the subscription, the following period boundaries], all at nine o'clock.
  const anchored: [what: string, values: Row, edges: string[]][] = [
    [
      "MONTHLY from the 31st ends on the last day of each month",
      {},
      ["2096-12-31", "2097-01-31", "2097-02-28", "2097-03-31", "2097-04-30", "2097-05-31"],
    ],
    [
      "MONTHLY from the 30th is shorter only in February",
      {},
      ["2096-12-30", "2097-01-30", "2097-02-28", "2097-03-30", "2097-04-30"],
    ],
    [
      "MONTHLY from the 29th is not shorter in a leap year",
      {},
      ["2095-12-29", "2096-01-29", "2096-02-29", "2096-03-29", "2096-04-29"],
    ],
    [
      "MONTHLY from the 28th stays on the 28th after February",
      {},
      ["2097-01-28", "2097-02-28", "2097-03-28", "2097-04-28"],
    ],
    [
      "YEARLY from 29 February returns to that day in a leap year",
      { billing_cycle: "YEARLY", created_at: "2088-02-29T08:59:00Z" },
      ["2088-02-29", "2089-02-28", "2090-02-28", "2091-02-28", "2092-02-29", "2093-02-28"],
    ],
    [
      "YEARLY after a trial until 29 February returns to that day as well",
      { billing_cycle: "YEARLY", trial_ends_at: "2088-02-29T09:00:00Z" },
      ["2089-02-28", "2090-02-28", "2091-02-28", "2092-02-29"],
    ],
    [
      "YEARLY from 28 February stays on that day",
      { billing_cycle: "YEARLY", created_at: "2089-02-28T09:00:00Z" },
      ["2090-02-28", "2091-02-28", "2092-02-28", "2093-02-28"],
    ],
  ];
  for (const [what, values, edges] of anchored) {
    for (const atOnce of [1, edges.length - 2]) {
      it(
        `that is ${what}, with ${atOnce} payments per statement`,
        asService(async (client) => {
          const times = edges.map((day) => `${day}T09:00:00.000Z`);
          const subscription = await add(client, "subscriptions", {
            ...values,
            current_period_start: times[0],
            current_period_end: times[1],
          });
          for (let paid = atOnce; paid < edges.length - 1; paid += atOnce) {
            await payAtOnce(client, Array(atOnce).fill([subscription, "SUCCEEDED"]));
            const after = await now(client, subscription);
            assert.equal(iso(after.current_period_start), times[paid]);
            assert.equal(iso(after.current_period_end), times[paid + 1]);
          }
        }),
      );
    }
  }

  it(
    "without a known start is extended from its end",
    asService(async (client) => {
      const subscription = await add(client, "subscriptions", {
        current_period_end: "2097-02-28T09:00:00Z",
      });
      await pay(client, subscription, "SUCCEEDED");
      const after = await now(client, subscription);
      assert.equal(iso(after.current_period_end), "2097-03-28T09:00:00.000Z");
    }),
  );

  for (const [what, current_period_end] of [
    ["has passed", daysFromNow(-3)],
    ["never began", null],
  ] as const) {
    it(
      `is extended from now if its period ${what}`,
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

  for (const billing_cycle of ["LIFETIME", "MONTHLY"]) {
    it(
      `that is ${billing_cycle} and never ends becomes ACTIVE and is not extended`,
      asService(async (client) => {
        const subscription = await add(client, "subscriptions", {
          billing_cycle,
          status: "PAST_DUE",
          current_period_start: "2026-01-31T00:00:00Z",
          current_period_end: "infinity",
        });
        await pay(client, subscription, "SUCCEEDED");
        const after = await now(client, subscription);
        assert.equal(after.status, "ACTIVE");
        assert.equal(iso(after.current_period_start), "2026-01-31T00:00:00.000Z");
        assert.equal(after.current_period_end, Infinity);
      }),
    );
  }

  it(
    "that is LIFETIME becomes ACTIVE and is not extended",
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
});
