import type { DatabaseName } from "../../tests/sql/support/databases";

/** One write that is measured with and without triggers. */
export interface Case {
  database: DatabaseName;
  table: string;
  /** Triggers of the table that are disabled in "without". */
  triggers: string[];
  what: string;
  /** A committed statement that writes one row, or one that writes 10,000 rows. */
  rows: 1 | 10_000;
  /** Runs once in each database, with all triggers disabled. */
  seed: string;
  /** May use $1, the id of a seeded row, and $2, a text that differs for each statement. */
  sql: string;
  /** Replaces `sql` if that cannot run without the trigger. */
  without?: string;
  /** One statement that produces the same rows without triggers. No trigger can cost less. */
  byHand?: string;
}

/** Number of rows of a seed. Their ids are `seededId(1)` to `seededId(10_000)`. */
export const SEEDED = 10_000;

export const seededId = (n: number) => `00000000-0000-0000-0000-${`${n}`.padStart(12, "0")}`;
const idOf = (n: string) => `lpad((${n})::text, 32, '0')::uuid`;
const seeded = (table: string, columns: string, values: string) =>
  `insert into ${table} (id, ${columns})
   select ${idOf("n")}, ${values} from generate_series(1, ${SEEDED}) n;`;

const SEEDS = {
  users: seeded(
    "users",
    "email, password_hash, first_name, last_name",
    "n || '@example.com', 'hash', 'Ada', 'Lovelace'",
  ),
  learning_sessions: seeded("learning_sessions", "user_id, topic", "gen_random_uuid(), 'Maths'"),
  generated_content: seeded(
    "generated_content",
    "session_id, content_type, title, content_data",
    "gen_random_uuid(), 'TEXT', 'Fractions', '{}'",
  ),
  subscriptions: seeded(
    "subscriptions",
    "user_id, plan_type, current_period_start, current_period_end",
    `${idOf("n")}, 'PRO', '2096-01-15', '2096-02-15'`,
  ),
};

/** Tables with updated_at, and a harmless change of a row. */
const UPDATED: [DatabaseName, table: string, seed: string, change: string][] = [
  ["user_service_db", "users", SEEDS.users, "first_name = $2"],
  [
    "user_service_db",
    "user_preferences",
    SEEDS.users +
      seeded(
        "user_preferences",
        "user_id, preference_key, preference_value",
        `${idOf("n")}, 'theme', ''`,
      ),
    "preference_value = $2",
  ],
  [
    "agent_orchestrator_db",
    "agent_configurations",
    seeded("agent_configurations", "user_id, agent_type", "gen_random_uuid(), 'RESEARCH'"),
    "configuration = to_jsonb($2::text)",
  ],
  ["content_service_db", "generated_content", SEEDS.generated_content, "file_path = $2"],
  ["payment_service_db", "subscriptions", SEEDS.subscriptions, "features = to_jsonb($2::text)"],
  [
    "payment_service_db",
    "payment_methods",
    seeded(
      "payment_methods",
      "user_id, provider, provider_payment_method_id, type",
      "gen_random_uuid(), 'STRIPE', n, 'CARD'",
    ),
    "brand = $2",
  ],
  [
    "payment_service_db",
    "payment_transactions",
    seeded(
      "payment_transactions",
      "user_id, provider, provider_transaction_id, type, amount_usd",
      "gen_random_uuid(), 'STRIPE', n, 'PAYMENT', 10",
    ),
    "failure_reason = $2",
  ],
  [
    "payment_service_db",
    "invoices",
    seeded(
      "invoices",
      "user_id, amount_due_usd, invoice_number",
      "gen_random_uuid(), 10, 'X-' || n",
    ),
    "line_items = to_jsonb($2::text)",
  ],
  [
    "payment_service_db",
    "billing_addresses",
    seeded(
      "billing_addresses",
      "user_id, line1, city, country",
      "gen_random_uuid(), '1 High Street', 'London', 'GB'",
    ),
    "line2 = $2",
  ],
];

const updatedAt = UPDATED.flatMap(([database, table, seed, change]): Case[] =>
  ([1, 10_000] as const).map((rows) => {
    const where = rows === 1 ? " where id = $1" : "";
    return {
      database,
      table,
      triggers: [`${table}_set_updated_at`],
      what: "update",
      rows,
      seed,
      sql: `update ${table} set ${change}${where}`,
      byHand: `update ${table} set ${change}, updated_at = clock_timestamp()${where}`,
    };
  }),
);

/** Executions of 1,250 sessions: all eight stages of each. */
const executions = (status: string, returning = "") =>
  `insert into agent_executions (session_id, agent_type, stage_number, status)
   select ${idOf("1 + n / 8")}, 'RESEARCH', 1 + n % 8, '${status}' from generate_series(0, 9999) n ${returning}`;
const execution = (status: string) =>
  `insert into agent_executions (session_id, agent_type, stage_number, status, error_message)
   values ($1, 'RESEARCH', 1, '${status}', $2)`;
const WAITING =
  SEEDS.learning_sessions +
  `insert into agent_executions (id, session_id, agent_type, stage_number)
   select ${idOf("n + 1")}, ${idOf("1 + n / 8")}, 'RESEARCH', 1 + n % 8 from generate_series(0, 9999) n;`;

const progress: Case[] = (
  [
    ["insert PENDING", 1, SEEDS.learning_sessions, execution("PENDING")],
    ["insert RUNNING", 1, SEEDS.learning_sessions, execution("RUNNING")],
    ["update, same status", 1, WAITING, "update agent_executions set llm_model = $2 where id = $1"],
    [
      "update to RUNNING",
      1,
      WAITING,
      "update agent_executions set status = 'RUNNING', llm_model = $2 where id = $1",
    ],
    ["insert PENDING", 10_000, SEEDS.learning_sessions, executions("PENDING")],
    [
      "insert COMPLETED, 1,250 sessions",
      10_000,
      SEEDS.learning_sessions,
      executions("COMPLETED"),
      `with done as (${executions("COMPLETED", "returning session_id, stage_number")})
       update learning_sessions s
       set status = 'COMPLETED', completed_at = clock_timestamp(), actual_duration_minutes = 0
       from (
         select session_id from done group by session_id having count(distinct stage_number) = 8
       ) complete
       where s.id = complete.session_id`,
    ],
    [
      "update to COMPLETED, 1,250 sessions",
      10_000,
      WAITING,
      "update agent_executions set status = 'COMPLETED'",
      `with done as (
         update agent_executions set status = 'COMPLETED' returning session_id, stage_number
       )
       update learning_sessions s
       set status = 'COMPLETED', completed_at = clock_timestamp(), actual_duration_minutes = 0
       from (
         select session_id from done group by session_id having count(distinct stage_number) = 8
       ) complete
       where s.id = complete.session_id`,
    ],
    ["update, same status", 10_000, WAITING, "update agent_executions set llm_model = 'm'"],
  ] as [string, 1 | 10_000, string, string, string?][]
).map(([what, rows, seed, sql, byHand]) => ({
  database: "agent_orchestrator_db",
  table: "agent_executions",
  triggers: ["agent_executions_%session_progress%"],
  what,
  rows,
  seed,
  sql,
  byHand,
}));

/** A text of `count` words out of 20,000 different words. */
const text = (count: number, salt: string) =>
  `(select jsonb_build_object('body', string_agg('word' || (w * 7919 + ${salt}) % 20000, ' '))
    from generate_series(1, ${count}) w)`;
const contents = (count: number, returning = "") =>
  `insert into generated_content (session_id, content_type, title, content_data)
   select gen_random_uuid(), 'TEXT', 'Fractions ' || n, ${text(count, "n")}
   from generate_series(1, 10000) n ${returning}`;
const content = (count: number, returning = "") =>
  `insert into generated_content (session_id, content_type, title, content_data)
   select $1, 'TEXT', $2, ${text(count, "length($2)")} ${returning}`;
const andSearched = (insert: string) =>
  `with written as (${insert})
   insert into content_search_index (content_id, search_vector)
   select id, setweight(to_tsvector('english', title), 'A')
     || setweight(jsonb_to_tsvector('english', content_data, '["string"]'), 'B')
   from written`;
const RETURNING = "returning id, title, content_data";

const search: Case[] = (
  [
    ...[10, 1000].map((count) => [
      `insert, ${count} words`,
      1,
      content(count),
      andSearched(content(count, RETURNING)),
    ]),
    ["update, same text", 1, "update generated_content set file_path = $2 where id = $1"],
    ...[10, 100].map((count) => [
      `insert, ${count} words each`,
      10_000,
      contents(count),
      andSearched(contents(count, RETURNING)),
    ]),
  ] as [string, 1 | 10_000, string, string?][]
).map(([what, rows, sql, byHand]) => ({
  database: "content_service_db",
  table: "generated_content",
  triggers: ["generated_content_%search_index%"],
  what,
  rows,
  seed: SEEDS.generated_content,
  sql,
  byHand,
}));

const ratings = (contents: number, returning = "") =>
  `insert into content_feedback (content_id, user_id, rating)
   select ${idOf(`1 + n % ${contents}`)}, gen_random_uuid(), 1 + n % 5
   from generate_series(1, 10000) n ${returning}`;
const andRated = (insert: string) =>
  `with given as (${insert})
   insert into content_analytics (content_id, metric_name, metric_value, metric_date)
   select content_id, metric.name, metric.value, current_date
   from (select content_id, avg(rating) as average, count(*) from given group by content_id) total,
     lateral (values ('average_rating', average), ('rating_count', count)) metric (name, value)`;
const RATED =
  SEEDS.generated_content +
  seeded("content_feedback", "content_id, user_id, rating", `${idOf("n")}, gen_random_uuid(), 3`);

const rating: Case[] = (
  [
    [
      "insert",
      1,
      SEEDS.generated_content,
      "insert into content_feedback (content_id, user_id, rating, feedback_text) values ($1, gen_random_uuid(), 4, $2)",
    ],
    [
      "update of rating",
      1,
      RATED,
      "update content_feedback set rating = 1 + length($2) % 2, feedback_text = $2 where id = $1",
    ],
    [
      "update, same rating",
      1,
      RATED,
      "update content_feedback set feedback_text = $2 where id = $1",
    ],
    ...[100, 10_000].map((count) => [
      `insert, ${count.toLocaleString("en")} contents`,
      10_000,
      SEEDS.generated_content,
      ratings(count),
      andRated(ratings(count, "returning content_id, rating")),
    ]),
    ["update, same rating", 10_000, RATED, "update content_feedback set feedback_text = 'Good'"],
  ] as [string, 1 | 10_000, string, string, string?][]
).map(([what, rows, seed, sql, byHand]) => ({
  database: "content_service_db",
  table: "content_feedback",
  triggers: ["content_feedback_%"],
  what,
  rows,
  seed,
  sql,
  byHand,
}));

const bill = (rest: string) =>
  `insert into invoices (user_id, amount_due_usd, line_items, invoice_number) ${rest}`;

// A number is required: without the trigger, the caller must provide one.
const invoice: Case[] = [
  {
    database: "payment_service_db",
    table: "invoices",
    triggers: ["invoices_generate_invoice_number"],
    what: "insert",
    rows: 1,
    seed: "",
    sql: bill("values ($1, 10, to_jsonb($2::text), null)"),
    without: bill("values ($1, 10, to_jsonb($2::text), $2)"),
  },
  {
    database: "payment_service_db",
    table: "invoices",
    triggers: ["invoices_generate_invoice_number"],
    what: "insert",
    rows: 10_000,
    seed: "",
    sql: bill("select gen_random_uuid(), 10, '[]', null from generate_series(1, 10000)"),
    without: bill(
      "select gen_random_uuid(), 10, '[]', 'INV-2026-' || to_char(n, 'FM000000') from generate_series(1, 10000) n",
    ),
  },
];

const payments = (status: string, subscriptions: number, returning = "") =>
  `insert into payment_transactions
     (user_id, subscription_id, provider, provider_transaction_id, type, status, amount_usd)
   select ${idOf(`1 + n % ${subscriptions}`)}, ${idOf(`1 + n % ${subscriptions}`)}, 'STRIPE', gen_random_uuid(),
     'PAYMENT', '${status}', 10
   from generate_series(1, 10000) n ${returning}`;
const payment = (status: string) =>
  `insert into payment_transactions
     (user_id, subscription_id, provider, provider_transaction_id, type, status, amount_usd)
   values ($1, $1, 'STRIPE', $2, 'PAYMENT', '${status}', 10)`;
const andRolled = (insert: string) =>
  `with paid as (${insert})
   update subscriptions s
   set status = 'ACTIVE', updated_at = clock_timestamp(),
     current_period_start = s.current_period_end + make_interval(months => (n - 1)::integer),
     current_period_end = s.current_period_end + make_interval(months => n::integer)
   from (select subscription_id, count(*) as n from paid group by subscription_id) total
   where s.id = total.subscription_id`;
const BEGUN =
  SEEDS.subscriptions +
  seeded(
    "payment_transactions",
    "user_id, subscription_id, provider, provider_transaction_id, type, amount_usd",
    `${idOf("n")}, ${idOf("n")}, 'STRIPE', n, 'PAYMENT', 10`,
  );

const status: Case[] = (
  [
    ["insert PENDING", 1, SEEDS.subscriptions, payment("PENDING")],
    ["insert SUCCEEDED", 1, SEEDS.subscriptions, payment("SUCCEEDED")],
    [
      "update to SUCCEEDED",
      1,
      BEGUN,
      "update payment_transactions set status = 'SUCCEEDED', failure_reason = $2 where id = $1",
    ],
    [
      "update, same status",
      1,
      BEGUN,
      "update payment_transactions set failure_reason = $2 where id = $1",
    ],
    ["insert PENDING", 10_000, SEEDS.subscriptions, payments("PENDING", SEEDED)],
    ...[100, 10_000].map((count) => [
      `insert SUCCEEDED, ${count.toLocaleString("en")} subscriptions`,
      10_000,
      SEEDS.subscriptions,
      payments("SUCCEEDED", count),
      andRolled(payments("SUCCEEDED", count, "returning subscription_id")),
    ]),
  ] as [string, 1 | 10_000, string, string, string?][]
).map(([what, rows, seed, sql, byHand]) => ({
  database: "payment_service_db",
  table: "payment_transactions",
  triggers: ["payment_transactions_%subscription_status%"],
  what,
  rows,
  seed,
  sql,
  byHand,
}));

export const CASES: Case[] = [
  ...updatedAt,
  ...progress,
  ...search,
  ...rating,
  ...invoice,
  ...status,
] as Case[];
