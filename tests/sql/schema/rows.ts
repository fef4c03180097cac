import { createHash, randomUUID } from "node:crypto";

import type { ClientBase, Pool } from "pg";

/** A row as pg returns it: numeric and bigint as strings, times as Date. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the columns are the catalogue's
export type Row = Record<string, any>;

type Queryable = ClientBase | Pool;

/** The hash of a token, which a service stores. */
export const hashed = (token: string) => createHash("sha256").update(token).digest("hex");

// The columns without a default. The caller provides references to other rows.
const MINIMAL: Record<string, () => Row> = {
  users: () => ({
    email: `${randomUUID()}@example.com`,
    password_hash: "hash",
    first_name: "Ada",
    last_name: "Lovelace",
  }),
  user_roles: () => ({ role: "FREE_USER" }),
  user_preferences: () => ({ preference_key: "theme", preference_value: "dark" }),
  user_sessions: () => ({ session_token: hashed(randomUUID()), expires_at: new Date() }),
  password_reset_tokens: () => ({ token: hashed(randomUUID()), expires_at: new Date() }),
  email_verification_tokens: () => ({ token: hashed(randomUUID()), expires_at: new Date() }),
  learning_sessions: () => ({ user_id: randomUUID(), topic: "Fractions" }),
  agent_executions: () => ({ agent_type: "RESEARCH", stage_number: 1 }),
  agent_checkpoints: () => ({ checkpoint_data: {} }),
  agent_configurations: () => ({ user_id: randomUUID(), agent_type: "RESEARCH" }),
  session_metrics: () => ({ metric_name: "tokens", metric_value: 1 }),
  agent_performance_logs: () => ({ operation: "search", duration_ms: 5 }),
  generated_content: () => ({
    session_id: randomUUID(),
    content_type: "TEXT",
    title: "Fractions",
    content_data: {},
  }),
  content_versions: () => ({ version_number: 1, content_data: {} }),
  content_metadata: () => ({ metadata_key: "author", metadata_value: "agent" }),
  content_tags: () => ({ tag: "maths" }),
  content_feedback: () => ({ user_id: randomUUID(), rating: 4 }),
  content_analytics: () => ({ metric_name: "views", metric_value: 1, metric_date: "2026-01-01" }),
  content_search_index: () => ({ search_vector: "" }),
  content_recommendations: () => ({ user_id: randomUUID(), recommendation_score: 0.5 }),
  subscriptions: () => ({ user_id: randomUUID(), plan_type: "PRO" }),
  payment_methods: () => ({
    user_id: randomUUID(),
    provider: "STRIPE",
    provider_payment_method_id: randomUUID(),
    type: "CARD",
  }),
  payment_transactions: () => ({
    user_id: randomUUID(),
    provider: "STRIPE",
    provider_transaction_id: randomUUID(),
    type: "PAYMENT",
    amount_usd: 10,
  }),
  invoices: () => ({ user_id: randomUUID(), amount_due_usd: 10 }),
  usage_records: () => ({
    user_id: randomUUID(),
    metric_name: "tokens",
    quantity: 1,
    unit: "tokens",
    billing_period_start: "2026-01-01T00:00:00Z",
    billing_period_end: "2026-02-01T00:00:00Z",
  }),
  payment_webhooks: () => ({
    provider: "STRIPE",
    event_type: "charge.succeeded",
    event_id: randomUUID(),
    payload: {},
  }),
  billing_addresses: () => ({
    user_id: randomUUID(),
    line1: "1 High Street",
    city: "London",
    country: "GB",
  }),
  payment_analytics: () => ({ metric_name: "mrr", metric_value: 1, recorded_date: "2026-01-01" }),
};

/** Inserts a valid row into `table`, with `values` replaced, and returns the stored row. */
export async function add(client: Queryable, table: string, values: Row = {}): Promise<Row> {
  const row = { ...MINIMAL[table](), ...values };
  const columns = Object.keys(row);
  const parameters = columns.map((_, index) => `$${index + 1}`);
  const { rows } = await client.query<Row>(
    `insert into ${table} (${columns.join(", ")}) values (${parameters.join(", ")}) returning *`,
    Object.values(row),
  );
  return rows[0];
}

/** The row of `table` with this id, or undefined. */
export async function find(client: Queryable, table: string, id: string): Promise<Row | undefined> {
  const { rows } = await client.query<Row>(`select * from ${table} where id = $1`, [id]);
  return rows[0];
}

/** Changes columns of the row with this id and returns the stored row. */
export async function change(
  client: Queryable,
  table: string,
  id: string,
  values: Row,
): Promise<Row> {
  const settings = Object.keys(values).map((column, index) => `${column} = $${index + 2}`);
  const { rows } = await client.query<Row>(
    `update ${table} set ${settings.join(", ")} where id = $1 returning *`,
    [id, ...Object.values(values)],
  );
  return rows[0];
}

/** Runs `act` in a savepoint and rolls it back, so that a failed statement does not abort the transaction. */
export async function tried<T>(client: ClientBase, act: () => Promise<T>): Promise<T> {
  await client.query("savepoint tried");
  try {
    return await act();
  } finally {
    await client.query("rollback to savepoint tried");
  }
}
