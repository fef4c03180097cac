import assert from "node:assert/strict";

import type { PoolClient } from "pg";

import { asRole, createDatabase, DATABASES, type TestDatabase } from "../support/databases";
import { CONTRACT } from "./contract";
import { add, type Row, tried } from "./rows";

interface Columns {
  /** Values of a row whose insert omits these columns. "now" is the time of its transaction. */
  defaults: Row;
  /** Columns that are null by default. All other columns reject null. */
  optional: string;
}

const ONCE = { created_at: "now" };
const KEPT = { created_at: "now", updated_at: "now" };

const COLUMNS: Record<string, Columns> = {
  users: { defaults: { email_verified: false, ...KEPT }, optional: "" },
  user_roles: { defaults: { granted_at: "now" }, optional: "expires_at granted_by revoked_at" },
  user_preferences: { defaults: KEPT, optional: "" },
  user_sessions: {
    defaults: { ...ONCE, last_accessed_at: "now" },
    optional: "refresh_token ip_address user_agent",
  },
  password_reset_tokens: { defaults: ONCE, optional: "used_at" },
  email_verification_tokens: { defaults: ONCE, optional: "verified_at" },
  learning_sessions: {
    defaults: { status: "PENDING", ...ONCE },
    optional:
      "estimated_duration_minutes actual_duration_minutes quality_score cost_usd completed_at",
  },
  agent_executions: {
    defaults: { status: "PENDING", ...ONCE },
    optional:
      "input_data output_data error_message llm_provider llm_model tokens_used cost_usd started_at completed_at",
  },
  agent_checkpoints: { defaults: ONCE, optional: "" },
  agent_configurations: {
    defaults: { configuration: {}, version: 1, is_active: true, ...KEPT },
    optional: "",
  },
  session_metrics: { defaults: { recorded_at: "now" }, optional: "metric_unit" },
  agent_performance_logs: {
    defaults: { recorded_at: "now" },
    optional: "memory_used_mb cpu_usage_percent",
  },
  generated_content: {
    defaults: { version: 1, ...KEPT },
    optional: "file_path quality_score word_count estimated_reading_time_minutes",
  },
  content_versions: { defaults: ONCE, optional: "changes_description" },
  content_metadata: { defaults: ONCE, optional: "" },
  content_tags: { defaults: ONCE, optional: "confidence_score" },
  content_feedback: { defaults: ONCE, optional: "feedback_text" },
  content_analytics: { defaults: ONCE, optional: "" },
  content_search_index: { defaults: { language: "english", updated_at: "now" }, optional: "" },
  content_recommendations: { defaults: ONCE, optional: "recommendation_reason expires_at" },
  subscriptions: {
    defaults: {
      status: "ACTIVE",
      billing_cycle: "MONTHLY",
      price_usd: "0.00",
      currency: "USD",
      features: {},
      limits: {},
      cancel_at_period_end: false,
      ...KEPT,
    },
    optional: "trial_ends_at current_period_start current_period_end canceled_at",
  },
  payment_methods: {
    defaults: { is_default: false, ...KEPT },
    optional: "last_four brand exp_month exp_year",
  },
  payment_transactions: {
    defaults: { status: "PENDING", currency: "USD", metadata: {}, ...KEPT },
    optional: "subscription_id payment_method_id failure_reason processed_at",
  },
  invoices: {
    defaults: {
      status: "DRAFT",
      amount_paid_usd: "0.00",
      currency: "USD",
      line_items: [],
      ...KEPT,
    },
    optional: "subscription_id due_date paid_at",
  },
  usage_records: { defaults: { recorded_at: "now" }, optional: "subscription_id" },
  payment_webhooks: {
    defaults: { retry_count: 0, ...ONCE },
    optional: "processed_at error_message",
  },
  billing_addresses: { defaults: { updated_at: "now" }, optional: "line2 state postal_code" },
  payment_analytics: { defaults: { dimensions: {}, ...ONCE }, optional: "" },
};

// Null requests the next number, and a row without a time has no year for its number.
const GIVEN_FOR_NULL = ["invoices.invoice_number"];

/** Additional values that the row of a table needs. The rows that it references are created first. */
async function references(client: PoolClient, table: string): Promise<Row> {
  if (["agent_checkpoints", "agent_performance_logs"].includes(table)) {
    const execution = await add(
      client,
      "agent_executions",
      await references(client, "agent_executions"),
    );
    return { execution_id: execution.id };
  }
  if (["agent_executions", "session_metrics"].includes(table)) {
    return { session_id: (await add(client, "learning_sessions")).id };
  }
  if (table.startsWith("content_")) {
    const { id } = await add(client, "generated_content");
    await client.query("delete from content_search_index where content_id = $1", [id]);
    return { content_id: id };
  }
  if (/^(user_|password_|email_)/.test(table)) {
    return { user_id: (await add(client, "users")).id };
  }
  return table === "invoices" ? { invoice_number: "X-1" } : {};
}

describe("a row with required values only", function () {
  this.timeout(30_000);

  for (const name of DATABASES) {
    describe(`in ${name}`, () => {
      let database: TestDatabase;

      before(async () => {
        database = await createDatabase(name);
      });
      after(() => database.drop());

      for (const [table, list] of Object.entries(CONTRACT[name].tables)) {
        const { defaults, optional } = COLUMNS[table];
        const nullable = optional.split(" ").filter(Boolean);
        const required = list.split(" ").filter((column) => !nullable.includes(column));

        it(`of ${table} gets its defaults, and every other value is required`, () =>
          asRole(database, "app", async (client) => {
            const parents = await references(client, table);
            const row = await add(client, table, parents);
            const { rows } = await client.query<{ now: Date }>("select now()");

            assert.match(row.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/);
            for (const [column, value] of Object.entries(defaults)) {
              assert.deepEqual(row[column], value === "now" ? rows[0].now : value, column);
            }
            for (const column of nullable) {
              assert.equal(row[column], null, column);
            }
            for (const column of required) {
              if (!GIVEN_FOR_NULL.includes(`${table}.${column}`)) {
                await tried(client, () =>
                  assert.rejects(
                    add(client, table, { ...parents, [column]: null }),
                    { code: "23502", column },
                    column,
                  ),
                );
              }
            }
          }));
      }
    });
  }
});
