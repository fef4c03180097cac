import type { ClientBase } from "pg";

import type { DatabaseName } from "../support/databases";
import type { DocumentedQuery } from "./document";

/** Number of rows by table. */
type Counts = Record<string, number>;

/** The uuid of the n-th row of a kind, for example `id("user", "7")`. */
const id = (kind: string, n: string | number) => `md5('${kind} ' || (${n}))::uuid`;
const hash = (kind: string, n: string | number) =>
  `encode(sha256(convert_to('${kind} ' || (${n}), 'UTF8')), 'hex')`;
/** A number from 1 to `many`, so that consecutive rows do not belong together. */
const spread = (many: number) => `(n * 7919::bigint) % ${Math.max(1, Math.round(many))} + 1`;
/** The time of row n of `many`, spread over the `span` until now. */
const timeOf = (many: number, span: string) =>
  `now() - (${many} - n) * (interval '${span}' / ${many})`;
/** A word by its rank. As in a language, the word of rank k has a frequency proportional to 1/k. */
const WORD = "'w' || floor(20 * exp(random() * ln(1000)))::int";

/**
 * What fills each table: a list of columns and their values, in terms of `n`, which runs from 1 to the
 * table's number of rows. Ids are computed from n, so that tables match each other.
 */
const CONTENTS: Record<DatabaseName, (rows: Counts) => Record<string, [string, string]>> = {
  user_service_db: (rows) => ({
    users: [
      "id, email, password_hash, first_name, last_name, created_at",
      `${id("user", "n")}, 'User' || n || '@example.com', 'hash', 'Ada', 'Lovelace', ${timeOf(rows.users, "3 years")}`,
    ],
    user_roles: [
      "user_id, role, granted_at, revoked_at",
      `${id("user", `(n - 1) % ${rows.users} + 1`)}, case when n % 10 = 0 then 'PRO_USER' else 'FREE_USER' end,
       now() - interval '1 year', case when n > ${rows.users} then now() end`,
    ],
    user_preferences: [
      "user_id, preference_key, preference_value",
      `${id("user", "(n - 1) / 3 + 1")}, 'key ' || n % 3, 'value'`,
    ],
    user_sessions: [
      "id, user_id, session_token, refresh_token, expires_at, created_at, last_accessed_at, ip_address, user_agent",
      `${id("session", "n")}, ${id("user", spread(rows.users))}, ${hash("session", "n")}, ${hash("refresh", "n")},
       ${timeOf(rows.user_sessions, "32 days")} + interval '30 days', ${timeOf(rows.user_sessions, "32 days")},
       now() - interval '2 hours', '192.0.2.1', repeat('agent ', 15)`,
    ],
    password_reset_tokens: [
      "user_id, token, expires_at, created_at",
      `${id("user", spread(rows.users))}, ${hash("reset", "n")},
       ${timeOf(rows.password_reset_tokens, "7 days")} + interval '1 hour', ${timeOf(rows.password_reset_tokens, "7 days")}`,
    ],
    email_verification_tokens: [
      "user_id, token, expires_at, created_at",
      `${id("user", spread(rows.users))}, ${hash("verification", "n")},
       ${timeOf(rows.email_verification_tokens, "7 days")} + interval '1 day', ${timeOf(rows.email_verification_tokens, "7 days")}`,
    ],
  }),

  agent_orchestrator_db: (rows) => ({
    learning_sessions: [
      "id, user_id, topic, status, cost_usd, created_at, completed_at",
      `${id("session", "n")}, ${id("user", spread(rows.learning_sessions / 40))}, 'Fractions',
       case when n > ${rows.learning_sessions * 0.998} then 'IN_PROGRESS' else 'COMPLETED' end, 0.25,
       ${timeOf(rows.learning_sessions, "1 year")}, ${timeOf(rows.learning_sessions, "1 year")} + interval '20 minutes'`,
    ],
    agent_executions: [
      "id, session_id, agent_type, stage_number, status, input_data, output_data, llm_provider, llm_model, tokens_used, cost_usd, started_at, completed_at, created_at",
      `${id("execution", "n")}, ${id("session", "(n - 1) / 8 + 1")}, 'RESEARCH', (n - 1) % 8 + 1,
       case when n <= ${rows.agent_executions * 0.998} then 'COMPLETED' when n % 8 < 4 then 'RUNNING' else 'PENDING' end,
       '{"topic": "Fractions"}', '{"result": "..."}', 'provider', 'model', 1000, 0.03,
       ${timeOf(rows.agent_executions, "1 year")}, ${timeOf(rows.agent_executions, "1 year")}, ${timeOf(rows.agent_executions, "1 year")}`,
    ],
    agent_checkpoints: [
      "execution_id, checkpoint_data, created_at",
      `${id("execution", "n * 10")}, '{"step": 1}', ${timeOf(rows.agent_checkpoints, "1 year")}`,
    ],
    agent_configurations: [
      "user_id, agent_type, configuration, version, is_active",
      `${id("user", "n / 16")},
       (array['RESEARCH', 'VERIFICATION', 'DECOMPOSITION', 'STRUCTURING', 'CONTENT_GENERATION', 'VALIDATION', 'SYNTHESIS', 'LEARNING_EXPERIENCE'])[n % 8 + 1],
       '{"temperature": 0.2}', n / 8 % 2 + 1, n / 8 % 2 = 1`,
    ],
    session_metrics: [
      "session_id, metric_name, metric_value, metric_unit, recorded_at",
      `${id("session", spread(rows.learning_sessions))}, 'metric ' || n % 5, n % 100, 'ms', ${timeOf(rows.session_metrics, "2 years")}`,
    ],
    agent_performance_logs: [
      "execution_id, operation, duration_ms, memory_used_mb, cpu_usage_percent, recorded_at",
      `${id("execution", "(n + 1) / 2")}, 'operation ' || n % 20, n % 5000, n % 900, n % 100, ${timeOf(rows.agent_performance_logs, "1 year")}`,
    ],
  }),

  content_service_db: (rows) => ({
    generated_content: [
      "id, session_id, content_type, title, content_data, word_count, created_at",
      `${id("content", "n")}, ${id("session", "n / 4")},
       (array['TEXT', 'DIAGRAM', 'EXERCISE', 'QUIZ', 'ASSESSMENT', 'FLASHCARD', 'MIND_MAP', 'TUTORIAL', 'CODE_EXAMPLE', 'FORMULA'])[n % 10 + 1],
       'Title ' || n, jsonb_build_object('text', repeat('text ', 100)), 100, ${timeOf(rows.generated_content, "2 years")}`,
    ],
    content_search_index: [
      "content_id, search_vector, language",
      `${id("content", "n")},
       ((select string_agg(${WORD} || ':' || i || case when i <= 5 then 'A' else 'B' end, ' ')
         from generate_series(1, 85) i where n > 0)
        || case when n % 10 = 0 then ' ''language other'' ''language german''' else '' end)::tsvector,
       case when n % 10 = 0 then 'german' else 'english' end`,
    ],
    content_versions: [
      "content_id, version_number, content_data",
      `${id("content", "n")}, 1, '{"text": "..."}'`,
    ],
    content_metadata: [
      "content_id, metadata_key, metadata_value",
      `${id("content", "(n + 1) / 2")}, 'key ' || n % 2, 'value'`,
    ],
    content_tags: [
      "content_id, tag, confidence_score, created_at",
      `${id("content", "(n + 1) / 2")}, 'tag ' || floor(exp(random() * ln(50))) * 2 + n % 2, 0.9, ${timeOf(rows.content_tags, "2 years")}`,
    ],
    content_feedback: [
      "content_id, user_id, rating",
      `${id("content", spread(rows.generated_content / 20))}, ${id("user", "n")}, n % 5 + 1`,
    ],
    content_analytics: [
      "content_id, metric_name, metric_value, metric_date",
      `${id("content", "(n + 2) / 3")}, (array['metric 7', 'average_rating', 'rating_count'])[n % 3 + 1], n % 5,
       (${timeOf(rows.content_analytics, "2 years")})::date`,
    ],
    content_recommendations: [
      "user_id, content_id, recommendation_score, created_at, expires_at",
      `${id("user", spread(rows.content_recommendations / 10))}, ${id("content", "n")}, (n % 1000) / 1000.0,
       ${timeOf(rows.content_recommendations, "8 days")}, ${timeOf(rows.content_recommendations, "8 days")} + interval '7 days'`,
    ],
  }),

  payment_service_db: (rows) => ({
    subscriptions: [
      "id, user_id, plan_type, status, price_usd, current_period_start, current_period_end, created_at",
      `${id("subscription", "n")}, ${id("user", "n % 1000000")}, 'PRO',
       case when n <= ${rows.subscriptions * 0.8} then 'ACTIVE' else 'CANCELED' end, 20,
       ${timeOf(rows.subscriptions, "31 days")} - interval '1 minute', ${timeOf(rows.subscriptions, "31 days")} + interval '30 days',
       now() - interval '1 year'`,
    ],
    payment_methods: [
      "id, user_id, provider, provider_payment_method_id, type, is_default",
      `${id("method", "n")}, ${id("user", "n")}, 'STRIPE', 'pm_' || n, 'CARD', true`,
    ],
    payment_transactions: [
      "user_id, subscription_id, payment_method_id, provider, provider_transaction_id, type, status, amount_usd, created_at",
      `${id("user", `n % ${rows.payment_methods}`)}, ${id("subscription", `n % ${rows.payment_methods}`)}, ${id("method", `n % ${rows.payment_methods}`)},
       'STRIPE', 'ch_' || n, 'PAYMENT',
       case when n > ${rows.payment_transactions * 0.999} then 'PENDING' else 'SUCCEEDED' end, 20, ${timeOf(rows.payment_transactions, "1 year")}`,
    ],
    invoices: [
      "user_id, subscription_id, invoice_number, status, amount_due_usd, amount_paid_usd, due_date, created_at",
      `${id("user", `n % ${rows.payment_methods}`)}, ${id("subscription", `n % ${rows.payment_methods}`)},
       'INV-' || 2000 + n / 900000 || '-' || to_char(n % 900000, 'FM000000'),
       case when n > ${rows.invoices * 0.99} then 'OPEN' else 'PAID' end, 20, 20,
       (${timeOf(rows.invoices, "1 year")} + interval '2 days')::date, ${timeOf(rows.invoices, "1 year")}`,
    ],
    usage_records: [
      "user_id, subscription_id, metric_name, quantity, unit, recorded_at, billing_period_start, billing_period_end",
      `${id("user", `n % ${rows.payment_methods}`)}, ${id("subscription", `n % ${rows.payment_methods}`)},
       'metric ' || n % 3, 1.5, 'tokens', ${timeOf(rows.usage_records, "1 year")},
       date_trunc('month', ${timeOf(rows.usage_records, "1 year")}, 'UTC'), date_trunc('month', ${timeOf(rows.usage_records, "1 year")}, 'UTC') + interval '1 month'`,
    ],
    payment_webhooks: [
      "provider, event_type, event_id, payload, processed_at, created_at",
      `'STRIPE', 'charge.succeeded', 'evt_' || n, jsonb_build_object('object', repeat('x', 300)),
       case when n <= ${rows.payment_webhooks * 0.999} then ${timeOf(rows.payment_webhooks, "100 days")} end, ${timeOf(rows.payment_webhooks, "100 days")}`,
    ],
    billing_addresses: [
      "user_id, line1, city, country",
      `${id("user", "n")}, '1 High Street', 'London', 'GB'`,
    ],
    payment_analytics: [
      "metric_name, metric_value, dimensions, recorded_date",
      `'metric ' || n % 20, n, '{"plan": "PRO"}', current_date - (${rows.payment_analytics} - n) / ${Math.max(1, rows.payment_analytics / 1000)}::int`,
    ],
  }),
};

/** SQL expressions for the parameters of the documented queries: values that exist in the filled tables. */
const PARAMETERS: Record<string, string> = {
  user_id: id("user", 77),
  email: "'user77@EXAMPLE.com'",
  written_email: "'User77@example.com'",
  password_hash: "'hash'",
  granted_by: id("user", 1),
  preference_key: "'theme'",
  session_token: hash("session", 77),
  refresh_token: hash("refresh", 77),
  reset_token: hash("reset", 77),
  verification_token: hash("verification", 77),
  session_id: id("session", 77),
  execution_id: id("execution", 770),
  content_id: id("content", 77),
  subscription_id: id("subscription", 77),
  after_id: id("user", 78),
  before: "now()",
  before_id: id("user", 1),
  from_time: "date_trunc('month', now(), 'UTC') - interval '1 month'",
  to_time: "date_trunc('month', now(), 'UTC')",
  from_day: "current_date - 30",
  to_day: "current_date - 20",
  agent_type: "'RESEARCH'",
  operation: "'operation 7'",
  content_type: "'QUIZ'",
  version_number: "1",
  tag: "'tag 9'",
  metric_name: "'metric 7'",
  language: "'en'",
  words: "'w150 w210'",
  provider: "'STRIPE'",
  provider_transaction_id: "'ch_77'",
  refund_id: "'re_77'",
  event_id: "'evt_77'",
  status: "'SUCCEEDED'",
  amount_usd: "10.00",
  invoice_number: "'INV-2000-000077'",
};

/** A query's values in the order of its parameters, as SQL expressions. `others` replace the usual ones. */
export const valuesOf = (
  { parameters }: DocumentedQuery,
  others: Record<string, string> = {},
): string[] => parameters.map((parameter) => others[parameter] ?? PARAMETERS[parameter]);

/**
 * Fills a database's empty tables with `scale` times the documented numbers of rows, and gathers
 * statistics. Triggers and foreign keys are disabled. The rows are as the triggers would have written them.
 */
export async function fill(
  client: ClientBase,
  database: DatabaseName,
  documented: Counts,
  scale: number,
): Promise<void> {
  const rows = Object.fromEntries(
    Object.entries(documented).map(([table, count]) => [table, Math.round(count * scale)]),
  );
  await client.query("set session_replication_role = replica");
  // After an asynchronous commit, vacuum cannot yet mark the pages of this and of neighbouring
  // transactions as all-visible, and index-only scans would read them.
  await client.query("set synchronous_commit = on");
  await client.query("select setseed(0.5)");
  const indexes = await dropIndexes(client);
  for (const [table, [columns, values]] of Object.entries(CONTENTS[database](rows))) {
    await client.query(
      `insert into ${table} (${columns}) select ${values} from generate_series(1, ${rows[table]}) n`,
    );
  }
  for (const definition of indexes) {
    await client.query(definition);
  }
  await client.query("vacuum (analyze)");
  await client.query("reset session_replication_role");
  await client.query("reset synchronous_commit");
}

/**
 * Building an index once is much faster than maintaining it row by row.
 * @returns the statements that create the dropped indexes again.
 */
async function dropIndexes(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(`
    select indexrelid::regclass as name, pg_get_indexdef(indexrelid) as definition
    from pg_index
    where not indisunique and indrelid in (
      select oid from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r')`);
  for (const { name } of rows) {
    await client.query(`drop index ${name}`);
  }
  return rows.map(({ definition }) => definition);
}
