import assert from "node:assert/strict";

import type { Client } from "pg";

import { DATABASES, SERVICES } from "../support/contract";
import {
  DATABASE_ACTS,
  SERVER_ACTS,
  SERVER_ACTS_ALONE,
  SERVICE_ACTS,
  type Target,
} from "./support/acts";
import { ANYBODY, GRANTED, LOGINS, outcome, ROLES, session, useRoles } from "./support/roles";

const NO_RIGHT = "42501";

/** The designed rights of a service's roles in their own database. They have none in other databases. */
const RIGHTS: Record<string, string[]> = {
  app: ["read a table", "insert rows", "update rows", "delete rows", "call a function"],
  readonly: ["read a table"],
  migrator: ["become the owner"],
  owner: [...Object.keys(SERVICE_ACTS), ...Object.keys(DATABASE_ACTS)],
};

const TABLES: Record<string, string> = {
  "user-service": "public.users",
  "agent-orchestrator": "public.learning_sessions",
  "content-service": "public.generated_content",
  "payment-service": "public.subscriptions",
};

const OWN_DATABASES = Object.values(DATABASES);
/** Rights on all objects except PostgreSQL's own, without the rights of owners on their own objects. */
const GRANTS = `
  with objects (kind, schema, owner, acl) as (
    select 'schema', nspname, nspowner, coalesce(nspacl, acldefault('n', nspowner))
    from pg_namespace
    union all
    select 'relation', nspname, relowner, coalesce(relacl, acldefault('r', relowner))
    from pg_class join pg_namespace n on n.oid = relnamespace
    where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all
    select 'function', nspname, proowner, coalesce(proacl, acldefault('f', proowner))
    from pg_proc join pg_namespace n on n.oid = pronamespace
  )
  select distinct
    format('%s %s: %s %s', kind, schema, coalesce(rolname, 'public'), privilege_type) as "grant"
  from objects, aclexplode(acl) left join pg_roles r on r.oid = grantee
  where schema !~ '^(pg_|information_schema$)' and grantee <> owner`;

describe("The database roles of stack dev", () => {
  const { settings, superuser, asSuperuser } = useRoles();
  let superuserPid: number;

  before(async () => {
    const { rows } = await superuser().query<{ pid: number }>("select pg_backend_pid() as pid");
    superuserPid = rows[0].pid;
    for (const { database, prefix } of OWN_DATABASES) {
      // Like a migration would create it: the owner's default privileges decide which role may call it.
      await asSuperuser(database, (client) =>
        client.query(
          `set role ${prefix}_owner;
           create function public.isolation_probe() returns int language sql return 1`,
        ),
      );
    }
  });

  after(async () => {
    for (const { database } of OWN_DATABASES) {
      await asSuperuser(database, (client) =>
        client.query("drop function if exists public.isolation_probe()"),
      );
    }
  });

  /** Tries each act in its own transaction, and rolls it back. */
  async function tryAll(
    client: Client,
    acts: Record<string, (target: Target) => string>,
    target: Target,
  ): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const [name, sql] of Object.entries(acts)) {
      await client.query("begin");
      found[name] = await outcome(client.query(sql(target)));
      await client.query("rollback");
    }
    return found;
  }

  const expected = (acts: object, granted: readonly string[]) =>
    Object.fromEntries(
      Object.keys(acts).map((name) => [name, granted.includes(name) ? GRANTED : NO_RIGHT]),
    );

  const targetOf = (service: string, otherRole: string): Target => ({
    table: TABLES[service],
    owner: `${DATABASES[service].prefix}_owner`,
    otherRole,
    superuserPid,
  });

  for (const service of SERVICES) {
    const { database, prefix } = DATABASES[service];
    const acts = { ...SERVICE_ACTS, ...DATABASE_ACTS, ...SERVER_ACTS };
    const otherRole = ROLES.find((role) => role.service !== service)!.name;

    for (const [kind, granted] of Object.entries(RIGHTS)) {
      it(`include ${prefix}_${kind}, with exactly its designed rights in ${database}`, async () => {
        const login = `${prefix}_${kind === "owner" ? "migrator" : kind}`;
        await session(settings(login, database), async (client) => {
          if (kind === "owner") {
            await client.query(`set role ${prefix}_owner`);
          }
          const found = await tryAll(client, acts, targetOf(service, otherRole));
          for (const [name, sql] of Object.entries(SERVER_ACTS_ALONE)) {
            found[name] = await outcome(client.query(sql));
          }
          assert.deepEqual(found, expected({ ...acts, ...SERVER_ACTS_ALONE }, granted));
        });
      });
    }

    it(`of other services could do nothing in ${database}, even if they could log in`, async () => {
      const logins = ROLES.filter((role) => role.service !== service).map(({ name }) => name);
      const owners = SERVICES.filter((other) => other !== service).map(
        (other) => `${DATABASES[other].prefix}_owner`,
      );
      for (const name of [...logins, ...owners, ANYBODY]) {
        await asSuperuser(database, async (client) => {
          await client.query(`set session authorization ${name}`);
          const found = await tryAll(client, acts, targetOf(service, `${prefix}_app`));
          assert.deepEqual(found, expected(acts, []), name);
        });
      }
    });

    it(`have exactly these rights on every object of ${database}`, async () => {
      const { rows } = await asSuperuser(database, (client) =>
        client.query<{ grant: string }>(GRANTS),
      );
      assert.deepEqual(rows.map(({ grant }) => grant).sort(), [
        `function public: ${prefix}_app EXECUTE`,
        `relation public: ${prefix}_app DELETE`,
        `relation public: ${prefix}_app INSERT`,
        `relation public: ${prefix}_app SELECT`,
        `relation public: ${prefix}_app UPDATE`,
        `relation public: ${prefix}_readonly SELECT`,
        `schema public: ${prefix}_app USAGE`,
        `schema public: ${prefix}_readonly USAGE`,
      ]);
    });
  }

  for (const database of ["postgres", "template1"]) {
    it(`could do nothing in ${database}, even if they could log in`, async () => {
      const acts = { ...DATABASE_ACTS, ...SERVER_ACTS };
      for (const name of [...ROLES.map((role) => role.name), ANYBODY]) {
        await asSuperuser(database, async (client) => {
          await client.query(`set session authorization ${name}`);
          const otherRole = ROLES.find((role) => role.name !== name)!.name;
          const found = await tryAll(client, acts, targetOf("user-service", otherRole));
          assert.deepEqual(found, expected(acts, []), name);
        });
      }
    });
  }

  it("cannot become the superuser in any other way", async () => {
    for (const { name, service } of ROLES) {
      await session(settings(name, DATABASES[service].database), async (client) => {
        const change = client.query("set session authorization postgres");
        assert.equal(await outcome(change), NO_RIGHT, name);
      });
    }
  });

  it("are not members of other roles, except that a migrator can SET ROLE to its owner", async () => {
    const { rows } = await superuser().query(
      `select roleid::regrole::text as role, member::regrole::text as member,
         admin_option as admin, inherit_option as inherit, set_option as set
       from pg_auth_members where member::regrole::text !~ '^pg_' order by 1`,
    );
    assert.deepEqual(
      rows,
      OWN_DATABASES.map(({ prefix }) => prefix)
        .sort()
        .map((prefix) => ({
          role: `${prefix}_owner`,
          member: `${prefix}_migrator`,
          admin: false,
          inherit: false,
          set: true,
        })),
    );
  });

  it("have no administrator attributes", async () => {
    const { rows } = await superuser().query<{ name: string }>(
      `select rolname as name from pg_roles
       where (rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls)`,
    );
    assert.deepEqual(rows, [{ name: "postgres" }]);
  });

  it(`include ${LOGINS.length} login roles for each service, and owners cannot log in`, async () => {
    const { rows } = await superuser().query<{ name: string }>(
      "select rolname as name from pg_roles where rolcanlogin and not rolsuper and rolname <> $1",
      [ANYBODY],
    );
    assert.deepEqual(rows.map(({ name }) => name).sort(), ROLES.map(({ name }) => name).sort());
  });
});
