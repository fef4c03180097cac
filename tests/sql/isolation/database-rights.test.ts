import assert from "node:assert/strict";

import { Client } from "pg";

import * as provider from "../../../components/postgres/database-rights.provider";
import type { RoleRights } from "../../../components/postgres/database-rights-inputs";
import { roleNames } from "../../../components/postgres/roles";
import { rolesRights } from "../../../components/postgres/service-rights";
import { server } from "../support/hooks";

const DATABASE = "isolation_db";
const NAMES = roleNames("isolation");
const { owner: OWNER, migrator: MIGRATOR, app: APP, readonly: READONLY } = NAMES;
const ADMIN = "isolation_admin";

describe("the rights on a database", () => {
  let client: Client;

  const inputs = (roles: Record<string, RoleRights> = rolesRights(NAMES)) => ({
    host: server().host,
    port: server().port,
    adminUsername: server().user,
    adminPassword: server().password,
    database: DATABASE,
    owner: OWNER,
    roles,
  });

  async function connect(database: string, user = server().user, password = server().password) {
    const { host, port } = server();
    const other = new Client({ host, port, user, password, database });
    await other.connect();
    return other;
  }

  const run = async (...statements: string[]) => {
    for (const statement of statements) {
      await client.query(statement);
    }
  };

  /** Runs statements in the database, as the superuser or as a role. */
  async function inDatabase<T = unknown>(statement: string, role?: string): Promise<T[]> {
    const other = await connect(DATABASE);
    try {
      if (role) {
        await other.query(`set role ${role}`);
      }
      return (await other.query(statement)).rows as T[];
    } finally {
      await other.end();
    }
  }

  async function configOf(role: string): Promise<string[] | null> {
    const { rows } = await client.query<{ config: string[] | null }>(
      "select rolconfig as config from pg_roles where rolname = $1",
      [role],
    );
    return rows[0].config;
  }

  before(async () => (client = await connect("postgres")));
  after(() => client.end());
  beforeEach(() =>
    run(
      ...Object.values(NAMES).map((role) => `create role ${role}`),
      `alter role ${APP} set statement_timeout = 5`,
      `create database ${DATABASE} owner ${OWNER}`,
    ),
  );
  afterEach(() =>
    run(
      `drop database if exists ${DATABASE} with (force)`,
      ...[...Object.values(NAMES), ADMIN].map((role) => `drop role if exists ${role}`),
    ),
  );

  /** What a role may do, as PostgreSQL decides it. */
  async function may(role: string) {
    await inDatabase(
      `create table if not exists t (id int); create sequence if not exists s; create or replace function f() returns int language sql return 1`,
      OWNER,
    );
    const [rights] = await inDatabase<Record<string, boolean>>(`
      select has_database_privilege('${role}', '${DATABASE}', 'connect') as connect,
        has_database_privilege('${role}', '${DATABASE}', 'temporary') as temporary,
        has_schema_privilege('${role}', 'public', 'usage') as usage,
        has_schema_privilege('${role}', 'public', 'create') as create,
        has_table_privilege('${role}', 't', 'select') as select,
        has_table_privilege('${role}', 't', 'insert') as insert,
        has_table_privilege('${role}', 't', 'truncate') as truncate,
        has_sequence_privilege('${role}', 's', 'usage') as next,
        has_function_privilege('${role}', 'f()', 'execute') as call`);
    return Object.keys(rights).filter((right) => rights[right]);
  }

  it("are those of the design, for what the owner creates later too, and PUBLIC has none", async () => {
    const { id, outs } = await provider.create(inputs());
    assert.strictEqual(id, DATABASE);
    assert.deepStrictEqual(outs, inputs());
    await run("create role isolation_nobody");
    try {
      assert.deepStrictEqual(await may("isolation_nobody"), []);
    } finally {
      await run("drop role isolation_nobody");
    }
    assert.deepStrictEqual(await may(MIGRATOR), ["connect"]);
    assert.deepStrictEqual(await may(APP), [
      "connect",
      "usage",
      "select",
      "insert",
      "next",
      "call",
    ]);
    assert.deepStrictEqual(await may(READONLY), ["connect", "usage", "select"]);
    assert.deepStrictEqual(
      [...(await may(OWNER))].filter((right) => ["create", "truncate", "call"].includes(right)),
      ["create", "truncate", "call"],
    );
  });

  it("come with settings, beside those that a role has", async () => {
    await provider.create(inputs());
    assert.deepStrictEqual(await configOf(APP), ["statement_timeout=5", "lock_timeout=10000ms"]);
  });

  it("are changed in place: a right or setting that is not wanted any more goes", async () => {
    await provider.create(inputs());
    const fewer = { [APP]: { database: ["CONNECT"], settings: { lock_timeout: "3s" } } };
    await provider.update("id", inputs(), inputs(fewer));
    assert.deepStrictEqual(await configOf(APP), ["statement_timeout=5", "lock_timeout=3s"]);
    assert.deepStrictEqual(await configOf(READONLY), null);
    assert.deepStrictEqual(await may(APP), ["connect"]);
    assert.deepStrictEqual(await may(READONLY), []);
  });

  it("are all set or none", async () => {
    const wrong = { [APP]: { database: ["CONNECT"], settings: { lock_timeout: "soon" } } };
    await assert.rejects(provider.create(inputs(wrong)), { code: "22023" });
    assert.ok((await may(READONLY)).includes("temporary"), "PUBLIC has what it had");
  });

  it("fail if the server ignores them, as for an administrator who may not grant them", async () => {
    await run(
      `create role ${ADMIN} login createrole createdb password 'secret'`,
      `grant connect on database ${DATABASE} to ${ADMIN}`,
      `alter database ${DATABASE} owner to ${ADMIN}`,
      `alter database ${DATABASE} owner to ${OWNER}`,
    );
    // Only warnings come of it: WARNING 01006, no privileges could be revoked.
    const asAdmin = {
      ...inputs({ [APP]: { database: ["CONNECT"] } }),
      ...{ adminUsername: ADMIN, adminPassword: "secret", owner: ADMIN },
    };
    await assert.rejects(provider.create(asAdmin), (error: Error) => {
      assert.match(error.message, /^The rights on isolation_db could not be set\./);
      assert.match(error.message, /^public, database: CONNECT TEMPORARY, not none$/m);
      assert.match(error.message, /^isolation_app, database: none, not CONNECT$/m);
      return true;
    });
    await run(`revoke all on database ${DATABASE} from ${ADMIN}`);
    await inDatabase(`drop owned by ${ADMIN}`);
  });

  it("can be set in four databases at once", async () => {
    const others = ["isolation_db_2", "isolation_db_3", "isolation_db_4"];
    await run(...others.map((name) => `create database ${name} owner ${OWNER}`));
    try {
      const all = [DATABASE, ...others].map((database) => ({ ...inputs(), database }));
      // Settings of roles are one row for all databases; each service has roles of its own.
      const [first, ...rest] = all.map((one, index) =>
        index === 0
          ? one
          : { ...one, roles: { [APP]: { database: ["CONNECT"], table: ["SELECT"] } } },
      );
      await Promise.all([first, ...rest].map((one) => provider.create(one)));
    } finally {
      await run(...others.map((name) => `drop database ${name} with (force)`));
    }
  });

  it("are taken back on delete, even if a role no longer exists", async () => {
    await provider.create(inputs());
    await inDatabase(`drop owned by ${READONLY}`);
    await run(`drop role ${READONLY}`);
    await provider.delete("id", inputs());
    assert.deepStrictEqual(await configOf(APP), ["statement_timeout=5"]);
    assert.deepStrictEqual(await may(APP), []);
  });

  const changes: [title: string, sql: string][] = [
    ["a setting was changed", `alter role ${APP} set lock_timeout = '1s'`],
    ["a setting was reset", `alter role ${APP} reset lock_timeout`],
    ["everybody may connect", `grant connect on database ${DATABASE} to public`],
    ["a role may no longer connect", `revoke connect on database ${DATABASE} from ${APP}`],
    ["a role may create tables", `grant create on schema public to ${APP}`],
    ["a role may hand on a right", `grant usage on schema public to ${APP} with grant option`],
    [
      "new tables are closed to a role",
      `alter default privileges for role ${OWNER} in schema public revoke select on tables from ${READONLY}`,
    ],
    [
      "everybody may call new functions",
      `alter default privileges for role ${OWNER} grant execute on functions to public`,
    ],
  ];
  for (const [title, sql] of changes) {
    it(`are set again after a refresh if somebody changed them: ${title}`, async () => {
      await provider.create(inputs());
      await inDatabase(sql);
      const found = await provider.read("id", inputs());
      assert.deepStrictEqual(found.inputs, found.props);
      const seen = found.props as ReturnType<typeof inputs>;
      assert.strictEqual((await provider.diff("id", seen, inputs())).changes, true);
      await provider.update("id", seen, inputs());
      const again = await provider.read("id", inputs());
      assert.deepStrictEqual(again.props, inputs());
    });
  }

  it("do not change after a refresh that finds them unchanged", async () => {
    await provider.create(inputs());
    await run(`alter role ${APP} set work_mem = '8MB'`);
    const { props } = await provider.read("id", inputs());
    assert.deepStrictEqual(props, inputs());
    assert.deepStrictEqual(await provider.diff("id", inputs(), inputs()), {
      changes: false,
      replaces: [],
      deleteBeforeReplace: false,
    });
  });

  it("of another database are another resource", async () => {
    const { replaces } = await provider.diff("id", inputs(), { ...inputs(), database: "other" });
    assert.deepStrictEqual(replaces, ["database"]);
  });

  it("keep their state in a refresh while the server is stopped or the database is gone", async () => {
    for (const state of [
      { ...inputs(), port: 1 },
      { ...inputs(), database: "isolation_gone" },
    ]) {
      assert.deepStrictEqual(await provider.read("id", state), { id: "id", props: state });
    }
  });

  it("cannot be read with a wrong password: the refresh fails", async () => {
    const state = { ...inputs(), adminPassword: "wrong" };
    await assert.rejects(provider.read("id", state), { code: "28P01" });
  });
});
