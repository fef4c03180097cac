import assert from "node:assert/strict";

import { Client } from "pg";

import { run } from "../../cli/machine/run";
import { DATABASES } from "../support/contract";
import { docker, networkOf } from "./support/docker";
import { platform } from "./support/hooks";
import {
  admitted,
  ANYBODY,
  GRANTED,
  type Login,
  LOGINS,
  ROLES,
  session,
  useRoles,
} from "./support/roles";

/** pg_hba.conf has no line for this login, or a line with reject. */
const NOT_ADMITTED = "28000";
const WRONG_PASSWORD = "28P01";
const TOO_MANY_CONNECTIONS = "53300";

const ALL_DATABASES = [
  ...Object.values(DATABASES).map(({ database }) => database),
  "postgres",
  "template1",
];

const waiting = { lock_timeout: "10s", idle_in_transaction_session_timeout: "1min" };
const TIMEOUTS: Record<Login, Record<string, string>> = {
  migrator: { statement_timeout: "1h", ...waiting },
  app: { statement_timeout: "30s", ...waiting },
  readonly: { statement_timeout: "1min", ...waiting },
};

describe("The PostgreSQL server of stack dev", () => {
  const { settings, superuser } = useRoles();

  for (const database of ALL_DATABASES) {
    it(`accepts the roles of ${database} from the host, and no other role`, async () => {
      const found: Record<string, string> = {
        [ANYBODY]: await admitted(settings(ANYBODY, database)),
      };
      const expected: Record<string, string> = { [ANYBODY]: NOT_ADMITTED };
      for (const { name, service } of ROLES) {
        found[name] = await admitted(settings(name, database));
        expected[name] = DATABASES[service].database === database ? GRANTED : NOT_ADMITTED;
      }
      assert.deepEqual(found, expected);
    });

    it(`grants the right to connect to ${database} only to its own roles`, async () => {
      const { rows } = await superuser().query<{ name: string }>(
        `select rolname as name from pg_roles
         where not rolsuper and rolname !~ '^pg_' and has_database_privilege(oid, $1, 'connect')`,
        [database],
      );
      const own = Object.values(DATABASES).filter((found) => found.database === database);
      const expected = own.flatMap(({ prefix }) =>
        [...LOGINS, "owner"].map((login) => `${prefix}_${login}`),
      );
      assert.deepEqual(rows.map(({ name }) => name).sort(), expected.sort());
    });
  }

  it("requires a SCRAM-SHA-256 password from every user", async () => {
    const { rows } = await superuser().query<{ method: string; error: string | null }>(
      "select distinct auth_method as method, error from pg_hba_file_rules order by 1",
    );
    assert.deepEqual(rows, [
      { method: "reject", error: null },
      { method: "scram-sha-256", error: null },
    ]);
    const stored = await superuser().query(
      "select from pg_authid where rolpassword is not null and rolpassword !~ '^SCRAM-SHA-256\\$'",
    );
    assert.equal(stored.rowCount, 0);
  });

  it("refuses a wrong password, and a login without a password inside the container", async () => {
    for (const { name, service } of ROLES) {
      const { database } = DATABASES[service];
      assert.equal(await admitted(settings(name, database, "wrong")), WRONG_PASSWORD, name);
    }
    assert.equal(await admitted(settings("postgres", "postgres", "wrong")), WRONG_PASSWORD);
    const { container } = platform().outputs.accessPoints.postgres;
    const { code, stderr } = await run("docker", [
      ...["exec", "--user", "postgres", container],
      ...["psql", "--no-password", "--dbname", "postgres", "--command", "select 1"],
    ]);
    assert.notEqual(code, 0);
    assert.match(stderr, /no password supplied/);
  });

  // The official image exports the content of the file (docker-entrypoint.sh, file_env). Only its own user can see that.
  it("shows the superuser's password only inside the container", async () => {
    const { container } = platform().outputs.accessPoints.postgres;
    const { password } = platform().outputs.administrators.postgres;
    const environment = "tr '\\0' '\\n' < /proc/1/environ";
    const inside = await docker(
      ...["exec", "--user", "postgres", container],
      "sh",
      "-c",
      environment,
    );
    assert.ok(inside.split("\n").includes(`POSTGRES_PASSWORD=${password}`));
    assert.ok(!(await docker("inspect", container)).includes(password));
  });

  it("refuses replication to every role", async () => {
    for (const name of ["postgres", ...ROLES.map((role) => role.name), ANYBODY]) {
      const replication = { ...settings(name, "postgres"), replication: "true" };
      assert.equal(await admitted(replication), NOT_ADMITTED, name);
    }
  });

  const visitors: [title: string, user: string, database: string, answer: RegExp][] = [
    ["refuses the superuser", "postgres", "postgres", /pg_hba\.conf rejects connection/],
    ["refuses the superuser", "postgres", "user_service_db", /pg_hba\.conf rejects connection/],
    ["accepts a service", "user_service_app", "user_service_db", /^admitted$/m],
    ["refuses a service", "user_service_app", "payment_service_db", /no pg_hba\.conf entry/],
  ];
  for (const [title, user, database, answer] of visitors) {
    it(`${title} on ${database} from another container`, async () => {
      const { container } = platform().outputs.accessPoints.postgres;
      const image = await docker("inspect", "--format", "{{.Config.Image}}", container);
      const { stdout, stderr } = await run(
        "docker",
        [
          ...["run", "--rm", "--network", await networkOf(container), "--env", "PGPASSWORD"],
          ...["--entrypoint", "psql", image, "--no-align", "--tuples-only"],
          ...["--host", container, "--username", user, "--dbname", database],
          ...["--command", "select 'admitted'"],
        ],
        { env: { ...process.env, PGPASSWORD: String(settings(user, database).password) } },
      );
      assert.match(stdout + stderr, answer);
    });
  }

  it("keeps connections for administrators when every role reaches its limit", async () => {
    const { rows } = await superuser().query<{ limits: number; most: number; unlimited: number }>(
      `select sum(rolconnlimit)::int as limits, current_setting('max_connections')::int as most,
         count(*) filter (where rolconnlimit < 0)::int as unlimited
       from pg_roles where rolcanlogin and not rolsuper and rolname <> $1`,
      [ANYBODY],
    );
    const [{ limits, most, unlimited }] = rows;
    assert.equal(unlimited, 0);
    assert.ok(limits <= most - 33, `${limits} of ${most}`);
  });

  it("refuses a connection above a role's limit", async () => {
    const config = settings("user_service_readonly", "user_service_db");
    const held = Array.from({ length: 10 }, () => new Client(config));
    await Promise.all(held.map((client) => client.connect()));
    try {
      assert.equal(await admitted(config), TOO_MANY_CONNECTIONS);
    } finally {
      await Promise.all(held.map((client) => client.end()));
    }
  });

  for (const { name, login, service } of ROLES) {
    it(`starts a session of ${name} with these timeouts`, async () => {
      const { rows } = await session(settings(name, DATABASES[service].database), (client) =>
        client.query<{ name: string; setting: string }>(
          "select name, current_setting(name) as setting from pg_settings where name = any ($1)",
          [Object.keys(TIMEOUTS[login])],
        ),
      );
      const found = Object.fromEntries(rows.map((row) => [row.name, row.setting]));
      assert.deepEqual(found, TIMEOUTS[login]);
    });
  }
});
