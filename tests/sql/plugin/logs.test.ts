import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import { Client } from "pg";

import { postgresSettings } from "../../../components/postgres/postgres-settings";
import { type PostgresServer, startPostgres } from "../support/postgres";
import { type Plugin, plugin } from "./support";

/** Those of the platform's settings that decide what is logged. */
function logSettings() {
  const given = {
    memoryMb: 512,
    roleConnections: 10,
    databases: 1,
    hbaFile: "",
    tls: false,
    fsync: true,
  };
  const settings = Object.entries(postgresSettings(given));
  const chosen = settings.filter(([name]) => name.startsWith("log_") || name.includes("password"));
  return Object.fromEntries(chosen.map(([name, value]) => [name, `${value}`]));
}

describe("the log of the platform's PostgreSQL", function () {
  this.timeout(60_000);
  let server: PostgresServer;
  let client: Client;
  let postgresql: Plugin;
  const password = randomBytes(12).toString("hex");

  before(async () => {
    server = await startPostgres({
      // Kept where the superuser can read it.
      ...{ logging_collector: "on", log_filename: "test.log" },
      deadlock_timeout: "100ms",
    });
    const { host, port, user } = server;
    postgresql = await plugin({ host, port: `${port}`, username: user, password: server.password });
    client = new Client({ host, port, user, password: server.password, database: "postgres" });
    await client.connect();
  });
  after(async () => {
    await client.end();
    await server.stop();
  });

  const log = async () => {
    const { rows } = await client.query<{ text: string }>(
      "select pg_read_file('log/test.log') as text",
    );
    return rows[0].text;
  };
  /** What the provider does with a password when all goes well, when it fails, and when it waits. */
  async function usePasswords(name: string) {
    const role = { name, login: true, password };
    const { state } = await postgresql.role.create(role);
    await assert.rejects(postgresql.role.create(role), /already exists/);
    await assert.rejects(postgresql.role.create({ ...role, name: `${name}_2`, roles: ["nobody"] }));
    await client.query("begin; lock table pg_authid in access exclusive mode");
    const renewed = postgresql.role.update(name, state, {
      ...state,
      password: `${password}-renewed`,
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await client.query("commit");
    await renewed;
  }

  it("holds none of the passwords that the provider sends in plain", async () => {
    for (const [name, value] of Object.entries(logSettings())) {
      await client.query(`alter system set ${name} = '${value}'`);
    }
    await client.query("select pg_reload_conf()");
    await usePasswords("quiet");
    const text = await log();
    assert.match(text, /ERROR: {2}role "quiet" already exists/);
    assert.match(text, /still waiting for/);
    assert.ok(!text.includes(password));
    const { rows } = await client.query(
      "select rolpassword as stored from pg_authid where rolname = 'quiet'",
    );
    assert.match(rows[0].stored, /^SCRAM-SHA-256\$/);
  });

  it("would hold them without the platform's settings", async () => {
    await client.query("alter system reset all");
    await client.query("select pg_reload_conf()");
    await usePasswords("loud");
    assert.ok((await log()).includes(password));
  });
});
