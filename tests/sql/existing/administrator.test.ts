import assert from "node:assert/strict";

import { Client, DatabaseError } from "pg";

import { hasRows } from "../../../cli/backup/content/facts";
import {
  createNew,
  dropDatabase,
  keptDatabases,
  noteBackup,
  oldName,
  swapDatabases,
} from "../../../cli/backup/content/new-database";
import * as administratorSetup from "../../../components/postgres/administrator-setup.provider";
import * as databaseRights from "../../../components/postgres/database-rights.provider";
import { targetOf } from "../../../components/postgres/migration-inputs";
import { checkPostgres } from "../../../components/postgres/postgres-check";
import { inspect, readMigrations } from "../../../migrator";
import { readCatalogue } from "../../../migrator/schema-objects";
import { Session } from "../../../migrator/session";
import { loading } from "../../unit/support/program";
import { MAJOR_VERSIONS, type PostgresServer, startPostgres } from "../support/postgres";
import { capturedLines, type Declared, declared, type ServerLogin } from "./support";

const ADMIN = "rds_admin";
const OWN_DATABASES = ["postgres", "template1"];

/** The message of a refused act, or `granted`. */
async function answer(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return "granted";
  } catch (error) {
    if (error instanceof DatabaseError) {
      return error.message;
    }
    throw error;
  }
}

for (const version of MAJOR_VERSIONS) {
  describe(`a PostgreSQL ${version} server that exists, with an administrator who is no superuser`, () => {
    let server: PostgresServer;
    let login: ServerLogin;
    let stack: Declared;
    let superuser: Client;
    const printed = capturedLines();

    const connect = async (user: string, database: string, password: string) => {
      const { host, port } = server;
      const client = new Client({ host, port, user, password, database });
      await client.connect();
      return client;
    };
    const as = async <T extends object>(user: string, database: string, statement: string) => {
      const client = await connect(user, database, passwordOf(user));
      try {
        return (await client.query<T>(statement)).rows;
      } finally {
        await client.end();
      }
    };
    const passwordOf = (role: string) =>
      role === ADMIN ? login.password : `generated-by-${role.replaceAll("_", "-")}-password`;
    const namesOf = async (query: string) =>
      (await superuser.query<{ name: string }>(query)).rows.map(({ name }) => name);

    before(
      loading(async () => {
        server = await startPostgres({ timezone: "UTC" }, version);
        superuser = await connect(server.user, "postgres", server.password);
        await superuser.query(
          `create role ${ADMIN} login createdb createrole password 'admin-password'`,
        );
        const { host, port } = server;
        login = { host, port, username: ADMIN, password: "admin-password" };
        stack = await declared("managed", login);
      }),
    );
    after(async () => {
      await superuser?.end();
      await server?.stop();
    });

    it("fits", async () => {
      const { host, port } = server;
      const connections = 197;
      const checked = { ...login, direct: { host, port }, database: "postgres", connections };
      assert.deepStrictEqual(await checkPostgres(checked), []);
      const findings = await checkPostgres({ ...checked, connections: 198 });
      assert.match(findings[0].reason, /^allows 197 connections .* may hold 198$/);
    });

    it("refuses rights on databases that the administrator has no part in", async () => {
      await stack.makeRolesAndDatabases();
      const [rights] = stack.rights();
      await assert.rejects(databaseRights.create(rights), /permission denied to change default/);
      // As a stack would be after its first update failed: the roles exist without the administrator.
      await stack.removeAll();
    });

    it("is set up once, and leaves open what belongs to others", async () => {
      assert.deepStrictEqual((await stack.setUp()).open, OWN_DATABASES);
      assert.deepStrictEqual(
        printed().filter((line) => line.startsWith("Every role may connect to")).length,
        OWN_DATABASES.length,
      );
      for (const database of OWN_DATABASES) {
        await superuser.query(`alter database ${database} owner to ${ADMIN}`);
      }
      assert.deepStrictEqual((await stack.setUp()).open, []);
    });

    it("gets roles, databases, rights and migrations", async () => {
      await stack.makeAll();
      for (const inputs of stack.migrations()) {
        const files = readMigrations(inputs.directory);
        const status = await inspect(targetOf(inputs), files, inputs);
        const { state, pending, faults, drift, rights } = status;
        assert.deepStrictEqual(
          { state, pending: pending.length, faults, drift, rights },
          { state: "ready", pending: 0, faults: [], drift: [], rights: [] },
        );
      }
    }).timeout(60_000);

    it("has no drift after that, for the administrator and the rights", async () => {
      for (const inputs of stack.rights()) {
        const { props } = await databaseRights.read(inputs.database, inputs);
        assert.deepStrictEqual(await databaseRights.diff("", props as typeof inputs, inputs), {
          ...{ changes: false, replaces: [], deleteBeforeReplace: false },
        });
      }
    });

    it("lets each role connect to its own database alone, without a pg_hba.conf of the stack", async () => {
      const owners = stack.rights();
      for (const { database } of [
        ...owners,
        ...OWN_DATABASES.map((name) => ({ database: name })),
      ]) {
        for (const { database: own, roles } of owners) {
          for (const role of Object.keys(roles)) {
            const found = await answer(as(role, database, "select"));
            const expected =
              own === database ? "granted" : `permission denied for database "${database}"`;
            assert.strictEqual(found, expected, `${role} on ${database}`);
          }
        }
      }
    });

    it("lets the application change rows and nothing else", async () => {
      const [role, database] = ["user_service_app", "user_service_db"];
      assert.strictEqual(await answer(as(role, database, "select from users")), "granted");
      assert.match(await answer(as(role, database, "create table t ()")), /permission denied/);
      assert.match(await answer(as(role, database, "truncate users")), /permission denied/);
      assert.match(
        await answer(as("user_service_readonly", database, "delete from users")),
        /permission denied/,
      );
      assert.match(
        await answer(as(role, database, "set role user_service_owner")),
        /permission denied/,
      );
    });

    it("notices that the administrator lost what it needs, and gives it back", async () => {
      const [inputs] = stack.inputs<never>("pulumi-nodejs:dynamic/database:AdministratorSetup");
      const { outs } = await administratorSetup.create(inputs);
      const state = { ...(outs as object), ...(inputs as object) } as never;
      await superuser.query(`alter role ${ADMIN} reset createrole_self_grant`);
      const { props } = await administratorSetup.read("", state);
      const { changes } = await administratorSetup.diff("", props as never, inputs);
      assert.strictEqual(changes, true);
      await administratorSetup.update("", state, inputs);
      const again = await administratorSetup.read("", state);
      assert.strictEqual((again.props as { drifted: boolean }).drifted, false);
    });

    if (version >= 18) {
      it("takes a virtual generated column and NOT NULL for what they are", async () => {
        const session = await Session.open(targetOf(stack.migrations()[0]));
        try {
          await session.becomeOwner();
          await session.query(
            "create table public.by_hand (a int not null, b int generated always as (a * 2) virtual)",
          );
          const catalogue = await readCatalogue(session);
          const own = [...catalogue].filter(([title]) =>
            /^(table|column|constraint) .*by_hand/.test(title),
          );
          assert.deepStrictEqual(
            own.map(([title, { definition }]) => `${title}: ${definition}`),
            [
              "table by_hand: owner agent_orchestrator_owner",
              "column by_hand.a: integer not null",
              "column by_hand.b: integer generated always as ((a * 2)) virtual",
            ],
          );
          await session.query("drop table public.by_hand");
        } finally {
          await session.close();
        }
      });
    }

    it("shares the server with other stacks, each with names of its own", async () => {
      const others: Declared[] = [];
      for (const name of ["pr-7", "pr-8"]) {
        others.push(await declared(name, login, { sharedServers: true }));
      }
      await Promise.all(others.map((other) => other.makeAll()));
      const databases = others.map((other) => other.rights()[0].database);
      assert.deepStrictEqual(databases, [
        "pr_7_agent_orchestrator_db",
        "pr_8_agent_orchestrator_db",
      ]);
      const [role] = Object.keys(others[0].rights()[0].roles);
      assert.strictEqual(
        await answer(connect(role, databases[1], passwordOf(role.replace("pr_7_", "")))),
        `permission denied for database "${databases[1]}"`,
      );
      await Promise.all(others.map((other) => other.removeAll()));
      assert.deepStrictEqual(
        await namesOf("select datname as name from pg_database where datname ~ '^pr_'"),
        [],
      );
      assert.deepStrictEqual(
        await namesOf("select rolname as name from pg_roles where rolname ~ '^pr_'"),
        [],
      );
    }).timeout(60_000);

    it("lets the administrator put a restored database in the place of one, and drop that", async () => {
      const [target] = stack.migrations();
      const { database, owner } = target;
      const [administrator] = stack.rights();
      assert.strictEqual(await hasRows(administrator, target), false);
      const service = await connect(
        owner.replace("_owner", "_app"),
        database,
        passwordOf(owner.replace("_owner", "_app")),
      );
      service.on("error", () => undefined);

      const from = await createNew(administrator, target);
      const to = oldName(database, new Date());
      await swapDatabases(administrator, [{ database, from, to }]);

      await assert.rejects(service.query("select 1"), "it was on the present one");
      assert.deepStrictEqual(await keptDatabases(administrator, database), [to]);
      await noteBackup(administrator, database, new Date().toISOString());
      const { props } = await databaseRights.read(database, administrator);
      const found = props as typeof administrator;
      for (const [role, { database: privileges }] of Object.entries(administrator.roles)) {
        assert.deepStrictEqual(found.roles[role].database, privileges, role);
      }
      await swapDatabases(administrator, [{ database, from: to, to: from }]);
      await dropDatabase(administrator, from);
      assert.deepStrictEqual(await keptDatabases(administrator, database), []);
    });

    it("keeps nothing of a stack that is removed", async () => {
      await stack.removeAll();
      assert.deepStrictEqual(
        await namesOf("select datname as name from pg_database where datname ~ '_db$'"),
        [],
      );
      assert.deepStrictEqual(
        await namesOf(
          `select rolname as name from pg_roles where rolname ~ '_(owner|migrator|app|readonly)$' and rolname !~ '^pg_'`,
        ),
        [],
      );
    });
  });
}
