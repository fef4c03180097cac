import assert from "node:assert/strict";

import type { PoolClient } from "pg";

import { asRole, createDatabase, type DatabaseName, type TestDatabase } from "../support/databases";
import { CONTRACT } from "./contract";
import { add, change, find, hashed, type Row, tried } from "./rows";

const ID = "00000000-0000-4000-8000-000000000001";
const OTHER_ID = "00000000-0000-4000-8000-000000000002";

/** Parents of the rows under test, created once per transaction. */
type Parents = Record<string, Row>;

interface Suite {
  parents(client: PoolClient): Promise<Parents>;
  /** "table.column": values that it accepts and values that its check rejects. A trailing object adds columns. */
  values: [column: string, accepted: unknown[], refused: unknown[], others?: Row][];
  /** "table.column" of texts that people read, and of values whose key states their meaning. */
  mayBeBlank: string[];
  /** Pairs of rows of one table, and the constraint that rejects the second row, if any. */
  pairs: [what: string, table: string, first: Row, second: Row, refusedBy: string | null][];
}

const AGENT_TYPES = [
  "RESEARCH",
  "VERIFICATION",
  "DECOMPOSITION",
  "STRUCTURING",
  "CONTENT_GENERATION",
  "VALIDATION",
  "SYNTHESIS",
  "LEARNING_EXPERIENCE",
];
const CURRENCIES = ["USD", "EUR", "GBP", "JPY"];
const PROVIDERS = ["STRIPE", "PAYPAL", "APPLE_PAY", "GOOGLE_PAY"];
const FROM_0_TO_1 = [0, 0.5, 1];
const OUTSIDE_0_TO_1 = [-0.001, 1.001, "NaN"];
const HASH = hashed("t");
const NOT_A_HASH = [
  "",
  "t",
  HASH.toUpperCase(),
  HASH.slice(1),
  `${HASH}0`,
  `${HASH}\n`,
  "8c3f0f6e-7f3c-4f58-9c55-2f4d3bb5a1c9",
  `${HASH.slice(1)}g`,
];
/** Texts without a visible character. The last ones are a no-break space and two spaces of other widths. */
const BLANK = ["", " ", "\t\n", "\u00a0", "\u200b", "\u3000 "];
const NOT_AN_EMAIL = [
  ...BLANK,
  "ann",
  "@example.com",
  "ann@",
  "a@b@c",
  "ann @example.com",
  "a@b\n",
];
const NOT_AN_ID = [...BLANK, " ch_1", "ch_1\n", "ch 1", "ch_\u200b1"];
const NOT_AN_ENUM = ["OTHER", "", "active"];

const SUITES: Record<DatabaseName, Suite> = {
  user_service_db: {
    async parents(client) {
      const user = await add(client, "users");
      const reference = { user_id: user.id };
      return {
        user_roles: reference,
        user_preferences: reference,
        user_sessions: reference,
        password_reset_tokens: reference,
        email_verification_tokens: reference,
      };
    },
    mayBeBlank: [
      "users.first_name",
      "users.last_name",
      "user_preferences.preference_value",
      "user_sessions.user_agent",
    ],
    values: [
      [
        "user_roles.role",
        ["FREE_USER", "PRO_USER", "ENTERPRISE_USER", "ADMIN", "SUPER_ADMIN"],
        NOT_AN_ENUM,
      ],
      ["users.email", ["ann@example.com", "Zoë+news@bücher.example", "a@b"], NOT_AN_EMAIL],
      ["users.password_hash", ["$argon2id$v=19$..."], BLANK],
      ["user_preferences.preference_key", ["theme", "two words"], BLANK],
      ["user_sessions.session_token", [HASH], NOT_A_HASH],
      ["user_sessions.refresh_token", [HASH, null], NOT_A_HASH],
      ["password_reset_tokens.token", [HASH], NOT_A_HASH],
      ["email_verification_tokens.token", [HASH], NOT_A_HASH],
      ["user_sessions.ip_address", ["192.0.2.1", "2001:db8::1", null], []],
    ],
    pairs: [
      [
        "an email twice",
        "users",
        { email: "ann@example.com" },
        { email: "ann@example.com" },
        "users_email_key",
      ],
      [
        "an email that differs only in case",
        "users",
        { email: "ann@example.com" },
        { email: "Ann@Example.COM" },
        "users_email_lower_key",
      ],
      ["a user's role twice", "user_roles", {}, {}, "user_roles_one_active_key"],
      [
        "a role beside its revoked one",
        "user_roles",
        { revoked_at: "2026-01-01T00:00:00Z" },
        {},
        null,
      ],
      ["two roles of a user", "user_roles", {}, { role: "ADMIN" }, null],
      [
        "a preference's key twice",
        "user_preferences",
        {},
        { preference_value: "light" },
        "user_preferences_user_id_preference_key_key",
      ],
      [
        "two preferences",
        "user_preferences",
        { preference_key: "a" },
        { preference_key: "b" },
        null,
      ],
      [
        "a session token twice",
        "user_sessions",
        { session_token: HASH },
        { session_token: HASH },
        "user_sessions_session_token_key",
      ],
      [
        "a refresh token twice",
        "user_sessions",
        { refresh_token: HASH },
        { refresh_token: HASH },
        "user_sessions_refresh_token_key",
      ],
      ["two sessions without a refresh token", "user_sessions", {}, {}, null],
      [
        "a reset token twice",
        "password_reset_tokens",
        { token: HASH },
        { token: HASH },
        "password_reset_tokens_token_key",
      ],
      [
        "a verification token twice",
        "email_verification_tokens",
        { token: HASH },
        { token: HASH },
        "email_verification_tokens_token_key",
      ],
    ],
  },
  agent_orchestrator_db: {
    async parents(client) {
      const session = await add(client, "learning_sessions");
      const execution = await add(client, "agent_executions", { session_id: session.id });
      return {
        agent_executions: { session_id: session.id },
        session_metrics: { session_id: session.id },
        agent_checkpoints: { execution_id: execution.id },
        agent_performance_logs: { execution_id: execution.id },
      };
    },
    mayBeBlank: ["agent_executions.error_message"],
    values: [
      [
        "learning_sessions.status",
        ["PENDING", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED"],
        NOT_AN_ENUM,
      ],
      ["learning_sessions.topic", ["Fractions", "分数", "C"], BLANK],
      ["learning_sessions.quality_score", [...FROM_0_TO_1, null], OUTSIDE_0_TO_1],
      ["learning_sessions.estimated_duration_minutes", [0, 90, null], [-1]],
      ["learning_sessions.actual_duration_minutes", [0, 90, null], [-1]],
      ["learning_sessions.cost_usd", [0, 0.000001, null], [-0.01]],
      ["session_metrics.metric_name", ["tokens"], BLANK],
      ["session_metrics.metric_unit", ["ms", null], BLANK],
      ["session_metrics.metric_value", [-1, 0, 0.5], ["NaN"]],
      ["agent_executions.stage_number", [1, 8], [0, 9, -1]],
      [
        "agent_executions.status",
        ["PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLED"],
        NOT_AN_ENUM,
      ],
      ["agent_executions.agent_type", AGENT_TYPES, NOT_AN_ENUM],
      ["agent_executions.llm_provider", ["provider", null], BLANK],
      ["agent_executions.llm_model", ["model", null], BLANK],
      ["agent_executions.tokens_used", [0, null], [-1]],
      ["agent_executions.cost_usd", [0, null], [-0.01]],
      ["agent_configurations.agent_type", AGENT_TYPES, NOT_AN_ENUM],
      ["agent_configurations.version", [1], [0]],
      ["agent_performance_logs.operation", ["search"], BLANK],
      ["agent_performance_logs.duration_ms", [0], [-1]],
      ["agent_performance_logs.memory_used_mb", [0, null], [-1]],
      ["agent_performance_logs.cpu_usage_percent", [0, 250, null], [-1]],
    ],
    pairs: [
      [
        "two active configurations of a user and agent type",
        "agent_configurations",
        { user_id: ID },
        { user_id: ID },
        "agent_configurations_one_active_key",
      ],
      [
        "an active configuration beside an inactive one",
        "agent_configurations",
        { user_id: ID, is_active: false },
        { user_id: ID, version: 2 },
        null,
      ],
      [
        "two inactive configurations",
        "agent_configurations",
        { user_id: ID, is_active: false },
        { user_id: ID, is_active: false },
        null,
      ],
      [
        "active configurations of two agent types",
        "agent_configurations",
        { user_id: ID },
        { user_id: ID, agent_type: "SYNTHESIS" },
        null,
      ],
      ["a second execution of a stage", "agent_executions", {}, {}, null],
    ],
  },
  content_service_db: {
    async parents(client) {
      const content = await add(client, "generated_content");
      const reference = { content_id: content.id };
      const unsearched = await add(client, "generated_content");
      await client.query("delete from content_search_index where content_id = $1", [unsearched.id]);
      return {
        content_versions: reference,
        content_metadata: reference,
        content_tags: reference,
        content_feedback: reference,
        content_analytics: reference,
        content_recommendations: reference,
        content_search_index: { content_id: unsearched.id },
      };
    },
    mayBeBlank: [
      "generated_content.title",
      "content_versions.changes_description",
      "content_metadata.metadata_value",
      "content_feedback.feedback_text",
      "content_recommendations.recommendation_reason",
    ],
    values: [
      [
        "generated_content.content_type",
        [
          "TEXT",
          "DIAGRAM",
          "EXERCISE",
          "QUIZ",
          "ASSESSMENT",
          "FLASHCARD",
          "MIND_MAP",
          "TUTORIAL",
          "CODE_EXAMPLE",
          "FORMULA",
        ],
        NOT_AN_ENUM,
      ],
      ["generated_content.quality_score", [...FROM_0_TO_1, null], OUTSIDE_0_TO_1],
      ["generated_content.file_path", ["a/b.svg", null], BLANK],
      ["generated_content.version", [1], [0]],
      ["generated_content.word_count", [0, null], [-1]],
      ["generated_content.estimated_reading_time_minutes", [0, null], [-1]],
      ["content_versions.version_number", [1], [0]],
      ["content_metadata.metadata_key", ["author"], BLANK],
      ["content_tags.tag", ["maths", "数学"], BLANK],
      ["content_search_index.language", ["german"], BLANK],
      ["content_tags.confidence_score", [...FROM_0_TO_1, null], OUTSIDE_0_TO_1],
      ["content_feedback.rating", [1, 2, 3, 4, 5], [0, 6, -1]],
      ["content_analytics.metric_name", ["views"], BLANK],
      ["content_analytics.metric_value", [0], [-1]],
      ["content_recommendations.recommendation_score", FROM_0_TO_1, OUTSIDE_0_TO_1],
    ],
    pairs: [
      [
        "a version number twice",
        "content_versions",
        {},
        {},
        "content_versions_content_id_version_number_key",
      ],
      ["two versions", "content_versions", {}, { version_number: 2 }, null],
      [
        "a metadata key twice",
        "content_metadata",
        {},
        { metadata_value: "person" },
        "content_metadata_content_id_metadata_key_key",
      ],
      ["a tag twice", "content_tags", {}, {}, "content_tags_content_id_tag_key"],
      [
        "a user's second rating of a content",
        "content_feedback",
        { user_id: ID },
        { user_id: ID },
        "content_feedback_content_id_user_id_key",
      ],
      ["two users' ratings", "content_feedback", { user_id: ID }, { user_id: OTHER_ID }, null],
      [
        "a second value of a metric on one day",
        "content_analytics",
        {},
        { metric_value: 2 },
        "content_analytics_content_id_metric_name_metric_date_key",
      ],
      ["a metric on two days", "content_analytics", {}, { metric_date: "2026-01-02" }, null],
      [
        "a second search entry of a content",
        "content_search_index",
        {},
        {},
        "content_search_index_content_id_key",
      ],
      [
        "a recommendation twice",
        "content_recommendations",
        { user_id: ID },
        { user_id: ID },
        "content_recommendations_user_id_content_id_key",
      ],
    ],
  },
  payment_service_db: {
    async parents() {
      return {};
    },
    mayBeBlank: [
      "payment_methods.brand",
      "payment_transactions.failure_reason",
      "payment_webhooks.error_message",
      // A blank number counts as missing: the trigger sets one.
      "invoices.invoice_number",
      "billing_addresses.line2",
      "billing_addresses.state",
      "billing_addresses.postal_code",
    ],
    values: [
      ["subscriptions.plan_type", ["FREE", "PRO", "ENTERPRISE", "CUSTOM"], NOT_AN_ENUM],
      [
        "subscriptions.status",
        ["ACTIVE", "CANCELED", "PAST_DUE", "UNPAID", "TRIALING"],
        [...NOT_AN_ENUM, "CANCELLED"],
      ],
      ["subscriptions.billing_cycle", ["MONTHLY", "YEARLY", "LIFETIME"], NOT_AN_ENUM],
      ["subscriptions.currency", CURRENCIES, ["CHF", "usd", ""]],
      ["subscriptions.price_usd", [0, 19.99], [-0.01]],
      ["payment_methods.provider", PROVIDERS, NOT_AN_ENUM],
      ["payment_methods.provider_payment_method_id", ["pm_1"], NOT_AN_ID],
      ["payment_methods.type", ["CARD", "BANK_ACCOUNT", "DIGITAL_WALLET"], NOT_AN_ENUM],
      ["payment_methods.last_four", ["0042", null], ["42", "4242424242424242", "abcd", ""]],
      ["payment_methods.exp_month", [1, 12, null], [0, 13]],
      ["payment_methods.exp_year", [2026, null], [26, 20260]],
      ["payment_transactions.provider", PROVIDERS, NOT_AN_ENUM],
      ["payment_transactions.provider_transaction_id", ["ch_1"], NOT_AN_ID],
      ["payment_transactions.type", ["PAYMENT", "REFUND", "CHARGEBACK", "ADJUSTMENT"], NOT_AN_ENUM],
      [
        "payment_transactions.status",
        ["PENDING", "SUCCEEDED", "FAILED", "CANCELED", "REFUNDED"],
        NOT_AN_ENUM,
      ],
      ["payment_transactions.currency", CURRENCIES, ["CHF", "usd", ""]],
      ["payment_transactions.amount_usd", [0, 10], [-0.01], { type: "REFUND" }],
      ["payment_transactions.amount_usd", [-10, 10], [], { type: "ADJUSTMENT" }],
      ["invoices.status", ["DRAFT", "OPEN", "PAID", "VOID", "UNCOLLECTIBLE"], NOT_AN_ENUM],
      ["invoices.currency", CURRENCIES, ["CHF", "usd", ""]],
      ["invoices.amount_due_usd", [0], [-0.01]],
      ["invoices.amount_paid_usd", [0], [-0.01]],
      ["usage_records.metric_name", ["tokens"], BLANK],
      ["usage_records.unit", ["tokens"], BLANK],
      ["usage_records.quantity", [0, 0.5], [-1]],
      [
        "usage_records.billing_period_end",
        ["2026-01-01T00:00:01Z"],
        ["2026-01-01T00:00:00Z", "2025-12-31T00:00:00Z"],
      ],
      ["billing_addresses.line1", ["1 High Street"], BLANK],
      ["billing_addresses.city", ["London"], BLANK],
      ["billing_addresses.country", ["GB"], [...BLANK, "gb", "GBR", "G", "G1", "GB "]],
      ["payment_analytics.metric_name", ["mrr"], BLANK],
      ["payment_analytics.metric_value", [-1, 0, 0.5], ["NaN"]],
      ["payment_webhooks.provider", PROVIDERS, NOT_AN_ENUM],
      ["payment_webhooks.event_type", ["charge.succeeded"], NOT_AN_ID],
      ["payment_webhooks.event_id", ["evt_1"], NOT_AN_ID],
      ["payment_webhooks.retry_count", [0, 3], [-1]],
    ],
    pairs: [
      [
        "two active subscriptions of a user",
        "subscriptions",
        { user_id: ID },
        { user_id: ID },
        "subscriptions_one_active_key",
      ],
      [
        "a trial beside an active subscription",
        "subscriptions",
        { user_id: ID },
        { user_id: ID, status: "TRIALING" },
        "subscriptions_one_active_key",
      ],
      [
        "a canceled subscription beside an active one",
        "subscriptions",
        { user_id: ID },
        { user_id: ID, status: "CANCELED" },
        null,
      ],
      [
        "two subscriptions past due",
        "subscriptions",
        { user_id: ID, status: "PAST_DUE" },
        { user_id: ID, status: "PAST_DUE" },
        null,
      ],
      [
        "two default payment methods of a user",
        "payment_methods",
        { user_id: ID, is_default: true },
        { user_id: ID, is_default: true },
        "payment_methods_one_default_key",
      ],
      [
        "a second payment method that is not the default",
        "payment_methods",
        { user_id: ID, is_default: true },
        { user_id: ID },
        null,
      ],
      [
        "a provider's transaction twice",
        "payment_transactions",
        { provider_transaction_id: "t" },
        { provider_transaction_id: "t" },
        "payment_transactions_provider_provider_transaction_id_key",
      ],
      [
        "a transaction id of two providers",
        "payment_transactions",
        { provider_transaction_id: "t" },
        { provider_transaction_id: "t", provider: "PAYPAL" },
        null,
      ],
      [
        "a provider's event twice",
        "payment_webhooks",
        { event_id: "e" },
        { event_id: "e" },
        "payment_webhooks_provider_event_id_key",
      ],
      [
        "an event id of two providers",
        "payment_webhooks",
        { event_id: "e" },
        { event_id: "e", provider: "PAYPAL" },
        null,
      ],
      [
        "an invoice number twice",
        "invoices",
        { invoice_number: "X-1" },
        { invoice_number: "X-1" },
        "invoices_invoice_number_key",
      ],
      [
        "two billing addresses of a user",
        "billing_addresses",
        { user_id: ID },
        { user_id: ID },
        "billing_addresses_user_id_key",
      ],
    ],
  },
};

describe("the constraints", function () {
  this.timeout(30_000);

  for (const [name, suite] of Object.entries(SUITES) as [DatabaseName, Suite][]) {
    describe(`of ${name}`, () => {
      let database: TestDatabase;

      before(async () => {
        database = await createDatabase(name);
      });
      after(() => database.drop());

      for (const [path, accepted, refused, others] of suite.values) {
        const [table, column] = path.split(".");
        const which = others ? ` where ${JSON.stringify(others)}` : "";

        it(`accept ${list(accepted)} as ${path}${which} and reject ${list(refused)}`, () =>
          asRole(database, "app", async (client) => {
            const base = { ...(await suite.parents(client))[table], ...others };
            for (const value of accepted) {
              await tried(client, () => add(client, table, { ...base, [column]: value }));
            }
            for (const value of refused) {
              await tried(client, () =>
                assert.rejects(
                  add(client, table, { ...base, [column]: value }),
                  { code: "23514", table },
                  `${path} accepts ${value}`,
                ),
              );
            }
          }));
      }

      for (const [what, table, first, second, refusedBy] of suite.pairs) {
        it(`${refusedBy ? "reject" : "accept"} ${what}`, () =>
          asRole(database, "app", async (client) => {
            const base = (await suite.parents(client))[table];
            await add(client, table, { ...base, ...first });
            const again = add(client, table, { ...base, ...second });
            await (refusedBy
              ? assert.rejects(again, { code: "23505", constraint: refusedBy })
              : again);
          }));
      }

      it("accept each id once", () =>
        asRole(database, "app", async (client) => {
          const parents = await suite.parents(client);
          for (const table of Object.keys(CONTRACT[name].tables)) {
            await tried(client, async () => {
              const { id } = await add(client, table, parents[table]);
              await assert.rejects(add(client, table, { ...parents[table], id }), {
                code: "23505",
                constraint: `${table}_pkey`,
              });
            });
          }
        }));

      it("have a rejected case above each, and every check also an accepted one", async () => {
        const { rows } = await database.pool("superuser").query<Row>(`
          select conname as rule, array_agg(format('%s.%s', conrelid::regclass, attname)) as columns
          from pg_constraint
          join pg_attribute on attrelid = conrelid and attnum = any (conkey)
          where connamespace = 'public'::regnamespace and contype = 'c'
          group by conname
          union all
          select indexrelid::regclass::text, null
          from pg_index join pg_class on pg_class.oid = indexrelid
          where relnamespace = 'public'::regnamespace and indisunique and not indisprimary`);
        const checked = suite.values
          .filter(([, accepted, refused]) => accepted.length > 0 && refused.length > 0)
          .map(([column]) => column);
        const refusedBy = suite.pairs.map((pair) => pair[4]);
        assert.deepEqual(
          rows
            .filter(({ rule, columns }) =>
              columns
                ? !checked.some((column) => columns.includes(column))
                : !refusedBy.includes(rule),
            )
            .map(({ rule }) => rule),
          [],
        );
      });

      // A new text column needs its accepted values here, or a reason why it may be blank.
      it("state for every text whether it may be blank", async () => {
        const { rows } = await database.pool("superuser").query<{ column: string }>(`
          select relname || '.' || attname as column
          from pg_attribute join pg_class on pg_class.oid = attrelid
          where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0
            and atttypid = 'text'::regtype`);
        const refused = suite.values
          .filter(([, , values]) => values.includes(""))
          .map(([column]) => column);
        assert.deepEqual(
          rows
            .map(({ column }) => column)
            .filter((column) => !refused.includes(column))
            .sort(),
          [...suite.mayBeBlank].sort(),
        );
        await asRole(database, "app", async (client) => {
          const parents = await suite.parents(client);
          for (const path of suite.mayBeBlank) {
            const [table, column] = path.split(".");
            await tried(client, () => add(client, table, { ...parents[table], [column]: "" }));
          }
        });
      });

      it("reject NaN in every column for numbers with a fraction", () =>
        asRole(database, "app", async (client) => {
          const parents = await suite.parents(client);
          const { rows } = await client.query<Row>(`
            select relname as table, attname as column
            from pg_attribute join pg_class on pg_class.oid = attrelid
            where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0
              and atttypid = any ('{numeric,float4,float8}'::regtype[])`);
          for (const { table, column } of rows) {
            await tried(client, () =>
              assert.rejects(
                add(client, table, { ...parents[table], [column]: "NaN" }),
                { code: "23514", table },
                `${table}.${column} accepts NaN`,
              ),
            );
          }
        }));

      it("reject a reference to a row that does not exist", () =>
        asRole(database, "app", async (client) => {
          const parents = await suite.parents(client);
          for (const key of Object.keys(CONTRACT[name].foreignKeys)) {
            const [table, column] = key.split(".");
            await tried(client, () =>
              assert.rejects(add(client, table, { ...parents[table], [column]: OTHER_ID }), {
                code: "23503",
                constraint: `${table}_${column}_fkey`,
              }),
            );
          }
        }));
    });
  }
});

describe("a delete", function () {
  this.timeout(30_000);

  async function withDatabase(name: DatabaseName, act: (client: PoolClient) => Promise<void>) {
    const database = await createDatabase(name);
    try {
      await asRole(database, "app", act);
    } finally {
      await database.drop();
    }
  }

  it("of an account deletes its rows, but not the roles that it granted to others", () =>
    withDatabase("user_service_db", async (client) => {
      const admin = await add(client, "users");
      const user = await add(client, "users");
      const granted = await add(client, "user_roles", { user_id: user.id, granted_by: admin.id });
      const own = [];
      for (const table of [
        "user_roles",
        "user_preferences",
        "user_sessions",
        "password_reset_tokens",
        "email_verification_tokens",
      ]) {
        own.push({ table, id: (await add(client, table, { user_id: admin.id })).id });
      }

      await client.query("delete from users where id = $1", [admin.id]);

      assert.equal((await find(client, "user_roles", granted.id))?.granted_by, null);
      for (const { table, id } of own) {
        assert.equal(await find(client, table, id), undefined, table);
      }
    }));

  it("of a learning session deletes its executions and all of their rows", () =>
    withDatabase("agent_orchestrator_db", async (client) => {
      const session = await add(client, "learning_sessions");
      await add(client, "session_metrics", { session_id: session.id });
      const execution = await add(client, "agent_executions", { session_id: session.id });
      await add(client, "agent_checkpoints", { execution_id: execution.id });
      await add(client, "agent_performance_logs", { execution_id: execution.id });

      await client.query("delete from learning_sessions where id = $1", [session.id]);

      for (const table of [
        "session_metrics",
        "agent_executions",
        "agent_checkpoints",
        "agent_performance_logs",
      ]) {
        assert.equal((await client.query(`select from ${table}`)).rowCount, 0, table);
      }
    }));

  it("of a content deletes all of its rows, including ratings and the search entry", () =>
    withDatabase("content_service_db", async (client) => {
      const content = await add(client, "generated_content");
      const tables = [
        "content_versions",
        "content_metadata",
        "content_tags",
        "content_feedback",
        "content_analytics",
        "content_recommendations",
      ];
      for (const table of tables) {
        await add(client, table, { content_id: content.id });
      }

      await client.query("delete from generated_content where id = $1", [content.id]);

      for (const table of [...tables, "content_search_index"]) {
        assert.equal((await client.query(`select from ${table}`)).rowCount, 0, table);
      }
    }));

  for (const table of ["payment_transactions", "invoices", "usage_records"]) {
    it(`of a subscription with ${table} is rejected`, () =>
      withDatabase("payment_service_db", async (client) => {
        const subscription = await add(client, "subscriptions");
        await add(client, table, { subscription_id: subscription.id });
        await assert.rejects(
          client.query("delete from subscriptions where id = $1", [subscription.id]),
          { code: "23503", constraint: `${table}_subscription_id_fkey` },
        );
      }));
  }

  it("of a payment method keeps the transactions that were paid with it", () =>
    withDatabase("payment_service_db", async (client) => {
      const method = await add(client, "payment_methods");
      const payment = await add(client, "payment_transactions", { payment_method_id: method.id });
      await client.query("delete from payment_methods where id = $1", [method.id]);
      assert.equal(
        (await find(client, "payment_transactions", payment.id))?.payment_method_id,
        null,
      );
    }));

  it("can be replaced by a change: a subscription with payments can still be canceled and changed", () =>
    withDatabase("payment_service_db", async (client) => {
      const subscription = await add(client, "subscriptions");
      await add(client, "payment_transactions", { subscription_id: subscription.id });
      const { status } = await change(client, "subscriptions", subscription.id, {
        status: "CANCELED",
      });
      assert.equal(status, "CANCELED");
    }));
});

function list(values: unknown[]): string {
  return values.length === 0 ? "nothing" : values.map((value) => JSON.stringify(value)).join(", ");
}
