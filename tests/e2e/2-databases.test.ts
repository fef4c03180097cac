import assert from "node:assert/strict";

import type { Client } from "pg";

import { SERVICE_NAMES, type ServiceName, SERVICES } from "../../catalog/services";
import { withDatabase } from "./support/clients";
import { platform } from "./support/hooks";

/** Specified number of columns by table. */
const TABLES: Record<ServiceName, Record<string, number>> = {
  "user-service": {
    email_verification_tokens: 6,
    password_reset_tokens: 6,
    user_preferences: 6,
    user_roles: 7,
    user_sessions: 9,
    users: 8,
  },
  "agent-orchestrator": {
    agent_checkpoints: 4,
    agent_configurations: 8,
    agent_executions: 15,
    agent_performance_logs: 7,
    learning_sessions: 10,
    session_metrics: 6,
  },
  "content-service": {
    content_analytics: 6,
    content_feedback: 6,
    content_metadata: 5,
    content_recommendations: 7,
    content_search_index: 5,
    content_tags: 5,
    content_versions: 6,
    generated_content: 12,
  },
  "payment-service": {
    billing_addresses: 9,
    invoices: 13,
    payment_analytics: 6,
    payment_methods: 12,
    payment_transactions: 15,
    payment_webhooks: 9,
    subscriptions: 16,
    usage_records: 9,
  },
};

const asApp = <T>(service: ServiceName, act: (client: Client) => Promise<T>) =>
  withDatabase(platform().outputs.services[service].database.url, act);

const asAdministrator = <T>(database: string, act: (client: Client) => Promise<T>) => {
  const { username, password } = platform().outputs.administrators.postgres;
  return withDatabase(`postgresql://${username}:${password}@localhost:5432/${database}`, act);
};

async function rows<T>(client: Client, sql: string, values: unknown[] = []): Promise<T[]> {
  return (await client.query(sql, values)).rows as T[];
}

describe("The databases of stack dev", () => {
  it("run on PostgreSQL 16 and have 28 tables in total", async () => {
    const version = await asAdministrator("postgres", (client) =>
      rows<{ server_version: string }>(client, "show server_version"),
    );
    assert.match(version[0].server_version, /^16\./);
    const count = Object.values(TABLES).reduce(
      (sum, tables) => sum + Object.keys(tables).length,
      0,
    );
    assert.equal(count, 28);
  });

  for (const service of SERVICE_NAMES) {
    describe(SERVICES[service].database, () => {
      it("has the specified tables with the exact number of columns", async () => {
        const found = await asApp(service, (client) =>
          rows<{ name: string; columns: number }>(
            client,
            `select c.relname as name, count(*)::int as columns
             from pg_class c
             join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
             join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
             where c.relkind in ('r', 'p') and not c.relispartition
             group by c.relname order by c.relname`,
          ),
        );
        assert.deepEqual(
          Object.fromEntries(found.map(({ name, columns }) => [name, columns])),
          TABLES[service],
        );
      });

      it("belongs to a role that cannot log in", async () => {
        const { database, rolePrefix } = SERVICES[service];
        const [found] = await asAdministrator("postgres", (client) =>
          rows<{ owner: string; login: boolean }>(
            client,
            `select rolname as owner, rolcanlogin as login
             from pg_database d join pg_roles r on r.oid = d.datdba where d.datname = $1`,
            [database],
          ),
        );
        assert.deepEqual(found, { owner: `${rolePrefix}_owner`, login: false });
      });
    });
  }

  it("number an invoice and make content searchable with triggers", async () => {
    await asApp("payment-service", async (client) => {
      await client.query("begin");
      const [invoice] = await rows<{ invoice_number: string }>(
        client,
        `insert into invoices (user_id, status, amount_due_usd, currency, line_items)
         values (gen_random_uuid(), 'DRAFT', 10, 'USD', '[]') returning invoice_number`,
      );
      await client.query("rollback");
      assert.match(
        invoice.invoice_number,
        new RegExp(`^INV-${new Date().getUTCFullYear()}-\\d{6}$`),
      );
    });
    await asApp("content-service", async (client) => {
      await client.query("begin");
      await client.query(
        `insert into generated_content (session_id, content_type, title, content_data)
         values (gen_random_uuid(), 'TEXT', 'Photosynthesis', '{"body": "Leaves turn light into sugar"}')`,
      );
      const found = await rows(
        client,
        `select from content_search_index where search_vector @@ to_tsquery('english', 'turning & sugars')`,
      );
      await client.query("rollback");
      assert.equal(found.length, 1);
    });
  });

  it("complete a learning session after its eighth stage", async () => {
    await asApp("agent-orchestrator", async (client) => {
      await client.query("begin");
      const [{ id }] = await rows<{ id: string }>(
        client,
        "insert into learning_sessions (user_id, topic) values (gen_random_uuid(), 'algebra') returning id",
      );
      await client.query(
        `insert into agent_executions (session_id, agent_type, stage_number, status)
         select $1, 'RESEARCH', stage, 'COMPLETED' from generate_series(1, 8) as stage`,
        [id],
      );
      const [session] = await rows<{ status: string }>(
        client,
        "select status from learning_sessions where id = $1",
        [id],
      );
      await client.query("rollback");
      assert.equal(session.status, "COMPLETED");
    });
  });

  it("let a service call the upkeep functions, but not the read-only role", async () => {
    const call = "select delete_processed_webhooks() as deleted";
    await asApp("payment-service", async (client) => {
      await client.query("begin");
      await client.query(
        `insert into payment_webhooks (provider, event_type, event_id, payload, processed_at)
         values ('STRIPE', 'charge.succeeded', gen_random_uuid(), '{}', '2020-01-01')`,
      );
      const [{ deleted }] = await rows<{ deleted: number }>(client, call);
      await client.query("rollback");
      assert.equal(deleted, 1);
    });
    const { url } = platform().outputs.services["payment-service"].databaseReadonly;
    await withDatabase(url, (client) => assert.rejects(client.query(call), { code: "42501" }));
  });
});
