import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";

import type { PoolClient } from "pg";

import { add, change, find, type Row } from "../schema/rows";
import { asRole, createDatabase, type DatabaseName, DATABASES } from "../support/databases";
import { numbered } from "./document";

const DOCUMENT = path.resolve(__dirname, "../../../docs/erasure.md");

/** The statements of docs/erasure.md by database. */
function statementsOf(name: DatabaseName): string[] {
  const chapter = readFileSync(DOCUMENT, "utf8")
    .split(/^## /m)
    .find((text) => text.startsWith(`${name}\n`));
  return [...(chapter ?? "").matchAll(/^```sql\n(.*?)\n```$/gms)].map(([, sql]) => sql);
}

/** Every row of every table that a user's id stands in, or that was made from the account. */
async function rowsOf(client: PoolClient, userId: string): Promise<Record<string, number>> {
  const { rows: columns } = await client.query<{ table: string; column: string }>(`
    select relname as table, attname as column
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = 'public'::regnamespace and relkind = 'r'
      and (attname in ('user_id', 'granted_by') or relname = 'users' and attname = 'id')`);
  const found: Record<string, number> = {};
  for (const { table, column } of columns) {
    const { rowCount } = await client.query(`select from ${table} where ${column} = $1`, [userId]);
    found[`${table}.${column}`] = rowCount ?? 0;
  }
  return found;
}

const nothing = (found: Record<string, number>) =>
  Object.fromEntries(Object.keys(found).map((column) => [column, 0]));

describe("the erasure of a user", function () {
  this.timeout(30_000);

  /** Runs `act` as the service, with what erases a user as often as it is called. */
  async function inDatabase(
    name: DatabaseName,
    act: (client: PoolClient, erase: (userId: string) => Promise<void>) => Promise<void>,
  ) {
    const database = await createDatabase(name);
    try {
      await asRole(database, "app", (client) =>
        act(client, async (userId) => {
          for (const statement of statementsOf(name)) {
            const { sql, parameters } = numbered(statement);
            assert.deepEqual(parameters, ["user_id"]);
            await client.query(sql, [userId]);
          }
        }),
      );
    } finally {
      await database.drop();
    }
  }

  it("has statements for each database", () => {
    assert.deepEqual(
      DATABASES.map((name) => statementsOf(name).length),
      [1, 2, 2, 4],
    );
  });

  it("takes all of an account along, but not what it granted to others", () =>
    inDatabase("user_service_db", async (client, erase) => {
      const [erased, other] = [await add(client, "users"), await add(client, "users")];
      for (const user_id of [erased.id, other.id]) {
        for (const table of [
          "user_preferences",
          "user_sessions",
          "password_reset_tokens",
          "email_verification_tokens",
        ]) {
          await add(client, table, { user_id });
        }
        await add(client, "user_roles", { user_id, granted_by: erased.id });
      }
      await erase(erased.id);
      await erase(erased.id);

      const left = await rowsOf(client, erased.id);
      assert.deepEqual(left, nothing(left));
      const { "user_roles.granted_by": granted, ...kept } = await rowsOf(client, other.id);
      assert.equal(granted, 0);
      assert.deepEqual(new Set(Object.values(kept)), new Set([1]));
    }));

  it("takes learning sessions along with all that agents did in them", () =>
    inDatabase("agent_orchestrator_db", async (client, erase) => {
      const [erased, other] = [randomUUID(), randomUUID()];
      for (const user_id of [erased, other]) {
        const session = await add(client, "learning_sessions", { user_id });
        await add(client, "session_metrics", { session_id: session.id });
        const execution = await add(client, "agent_executions", { session_id: session.id });
        await add(client, "agent_checkpoints", { execution_id: execution.id });
        await add(client, "agent_performance_logs", { execution_id: execution.id });
        await add(client, "agent_configurations", { user_id });
      }
      await erase(erased);
      await erase(erased);

      const left = await rowsOf(client, erased);
      assert.deepEqual(left, nothing(left));
      for (const table of [
        "learning_sessions",
        "session_metrics",
        "agent_executions",
        "agent_checkpoints",
        "agent_performance_logs",
        "agent_configurations",
      ]) {
        assert.equal((await client.query(`select from ${table}`)).rowCount, 1, table);
      }
    }));

  it("keeps ratings in the average, as nobody's and without words", () =>
    inDatabase("content_service_db", async (client, erase) => {
      const users = [randomUUID(), randomUUID(), randomUUID()];
      const content = await add(client, "generated_content");
      for (const [index, user_id] of users.entries()) {
        const reference = { user_id, content_id: content.id };
        await add(client, "content_feedback", {
          ...reference,
          rating: index + 1,
          feedback_text: "I am Ada Lovelace",
        });
        await add(client, "content_recommendations", reference);
      }
      const average = async () =>
        (
          await client.query<Row>(
            "select metric_name, metric_value from content_analytics order by metric_name",
          )
        ).rows;
      const before = await average();
      for (const user of [users[0], users[1], users[0]]) {
        await erase(user);
      }

      for (const user of users.slice(0, 2)) {
        const left = await rowsOf(client, user);
        assert.deepEqual(left, nothing(left));
      }
      assert.deepEqual(await average(), before);
      const { rows } = await client.query<Row>(
        "select rating, feedback_text from content_feedback order by rating",
      );
      assert.deepEqual(rows, [
        { rating: 1, feedback_text: null },
        { rating: 2, feedback_text: null },
        { rating: 3, feedback_text: "I am Ada Lovelace" },
      ]);
      assert.deepEqual(await rowsOf(client, users[2]), {
        "content_feedback.user_id": 1,
        "content_recommendations.user_id": 1,
      });
    }));

  it("keeps the books without what tells who it was, and charges nothing any more", () =>
    inDatabase("payment_service_db", async (client, erase) => {
      const [erased, other] = [randomUUID(), randomUUID()];
      const made: Record<string, Row> = {};
      for (const user_id of [erased, other]) {
        const subscription = await add(client, "subscriptions", { user_id });
        const method = await add(client, "payment_methods", { user_id });
        const reference = { user_id, subscription_id: subscription.id };
        const payment = await add(client, "payment_transactions", {
          ...reference,
          payment_method_id: method.id,
          failure_reason: "Ada Lovelace's card was stolen",
          metadata: { renewal: false, refund_of: "ch_1", receipt_email: "ada@example.com" },
        });
        await add(client, "payment_transactions", { ...reference, metadata: '["ada"]' });
        const invoice = await add(client, "invoices", reference);
        await add(client, "usage_records", reference);
        await add(client, "billing_addresses", { user_id });
        made[user_id] = { subscription, payment, invoice };
      }
      await erase(erased);
      const { subscription, payment, invoice } = made[erased];
      const ended = await find(client, "subscriptions", subscription.id);
      await erase(erased);

      assert.deepEqual(await rowsOf(client, erased), {
        "billing_addresses.user_id": 0,
        "invoices.user_id": 1,
        "payment_methods.user_id": 0,
        "payment_transactions.user_id": 2,
        "subscriptions.user_id": 1,
        "usage_records.user_id": 1,
      });
      assert.equal(ended?.status, "CANCELED");
      assert.ok(ended?.canceled_at);
      assert.deepEqual(await find(client, "subscriptions", subscription.id), ended);
      assert.deepEqual(await find(client, "invoices", invoice.id), invoice);
      const kept = await find(client, "payment_transactions", payment.id);
      assert.deepEqual(kept?.metadata, { renewal: false, refund_of: "ch_1" });
      assert.equal(kept?.failure_reason, null);
      assert.equal(kept?.amount_usd, payment.amount_usd);

      const { subscription: live, payment: theirs } = made[other];
      assert.deepEqual(await find(client, "subscriptions", live.id), live);
      assert.deepEqual(await find(client, "payment_transactions", theirs.id), theirs);
      // A late answer of the provider changes nothing any more.
      await change(client, "payment_transactions", payment.id, { status: "SUCCEEDED" });
      assert.deepEqual(await find(client, "subscriptions", subscription.id), ended);
    }));

  it("keeps the time of a cancellation that the user asked for, and no longer waits for the period's end", () =>
    inDatabase("payment_service_db", async (client, erase) => {
      const user_id = randomUUID();
      const canceled_at = new Date("2026-01-15T00:00:00Z");
      const { id } = await add(client, "subscriptions", {
        user_id,
        canceled_at,
        cancel_at_period_end: true,
      });
      await erase(user_id);

      const ended = await find(client, "subscriptions", id);
      assert.equal(ended?.status, "CANCELED");
      assert.deepEqual(ended?.canceled_at, canceled_at);
      assert.equal(ended?.cancel_at_period_end, false);
    }));
});
