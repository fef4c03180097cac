import assert from "node:assert/strict";

import { fresh, type Plugin, plugin, removed, sql, type Values } from "./support";

describe("grants of the stand-in for @pulumi/postgresql", () => {
  const database = fresh("plugin_db");
  const owner = `${database}_owner`;
  const app = `${database}_app`;
  const admin = `${database}_admin`;
  let postgresql: Plugin;

  before(async () => {
    postgresql = await plugin();
    await sql(`create role "${admin}" login createdb createrole password 'admin'`);
  });
  beforeEach(async () => {
    await sql(`create role "${owner}"`);
    await sql(`create role "${app}"`);
    await sql(`create database "${database}" owner "${owner}"`);
  });
  afterEach(() => removed([database], [owner, app]));
  after(() => removed([], [admin]));

  const inside = (text: string) => sql(text, [], database);
  const rights = async () => {
    const [row] = await sql<{ acl: string | null }>(
      "select datacl::text as acl from pg_database where datname = $1",
      [database],
    );
    return row.acl;
  };
  const toApp = (objectType: string, privileges: string[], more: Values = {}) => ({
    ...{ database, role: app, objectType, privileges },
    ...(objectType === "database" ? {} : { schema: "public" }),
    ...more,
  });
  const read = async (state: Values) =>
    (await postgresql.grant.read("id", state, false))?.state.privileges;

  describe("by an administrator who is no superuser", () => {
    let asAdmin: Plugin;
    beforeEach(async () => {
      asAdmin = await plugin({ username: admin, password: "admin", superuser: "false" });
      await removed([database], [owner, app]);
      for (const name of [owner, app]) {
        await asAdmin.role.create({ name });
      }
      await asAdmin.database.create({ name: database, owner });
    });

    // resource_postgresql_grant.go:800-809: no owner is joined for a database. PostgreSQL warns (01006, 01007).
    it("change nothing on a database, and succeed: what they hold afterwards alone tells", async () => {
      const closed = await asAdmin.grant.create(toApp("database", [], { role: "public" }));
      const { state } = await asAdmin.grant.create(toApp("database", ["CONNECT"]));
      assert.equal(await rights(), `{=Tc/${owner},${owner}=CTc/${owner}}`);
      assert.deepEqual(closed.state.privileges, ["CONNECT", "TEMPORARY"]);
      assert.deepEqual(state.privileges, []);
    });

    it("work on a schema, by a membership that is gone afterwards", async () => {
      const { state } = await asAdmin.grant.create(toApp("schema", ["USAGE"]));
      assert.deepEqual(state.privileges, ["USAGE"]);
      const held = await sql(
        `select from pg_auth_members where set_option and member = $1::regrole and roleid = $2::regrole`,
        [admin, owner],
      );
      assert.deepEqual(held, []);
    });

    it("work on a database once createrole_self_grant was set before the roles were made", async () => {
      await removed([database], [owner, app]);
      await sql(`alter role "${admin}" set createrole_self_grant = 'set, inherit'`);
      for (const name of [owner, app]) {
        await asAdmin.role.create({ name });
      }
      await asAdmin.database.create({ name: database, owner });
      await asAdmin.grant.create(toApp("database", [], { role: "public" }));
      await asAdmin.grant.create(toApp("database", ["CONNECT"]));
      assert.equal(await rights(), `{${owner}=CTc/${owner},${app}=c/${owner}}`);
      await sql(`alter role "${admin}" reset createrole_self_grant`);
    });
  });

  it("show what somebody granted or revoked by hand", async () => {
    const closed = await postgresql.grant.create(toApp("database", [], { role: "public" }));
    const { state } = await postgresql.grant.create(toApp("database", ["CONNECT"]));
    await sql(`grant temporary on database "${database}" to public`);
    await sql(`revoke connect on database "${database}" from "${app}"`);
    assert.deepEqual(await read(closed.state), ["TEMPORARY"]);
    assert.deepEqual(await read(state), []);
  });

  it("show nothing of an object that has no list of rights, though PUBLIC may use it then", async () => {
    await inside("create function answer() returns int return 42");
    const { state } = await postgresql.grant.create(
      toApp("function", [], { role: "public", objects: ["answer"] }),
    );
    await inside("drop function answer; create function answer() returns int return 42");
    assert.deepEqual(await read(state), []);
  });

  // readRolePrivileges looks at every object of the schema.
  it("on all tables differ as soon as a table is made without them, and know nothing of views", async () => {
    await inside("create table one ()");
    const { state } = await postgresql.grant.create(toApp("table", ["SELECT"]));
    assert.deepEqual(state.privileges, ["SELECT"]);
    await inside("create view seen as select 1");
    assert.deepEqual(await read(state), ["SELECT"]);
    await inside("create table two ()");
    assert.deepEqual(await read(state), []);
  });

  it("do not show a grant option", async () => {
    const { state } = await postgresql.grant.create(toApp("schema", ["USAGE"]));
    await inside(`grant usage on schema public to "${app}" with grant option`);
    const found = await postgresql.grant.read("id", state, false);
    assert.deepEqual(found?.state, state);
  });

  it("refuse a privilege in lower case only when they are made", async () => {
    await assert.rejects(
      postgresql.grant.create(toApp("schema", ["usage"])),
      /usage is not an allowed privilege for object type schema/,
    );
  });

  it("are gone with database, role or schema, and cannot be deleted then", async () => {
    const { state } = await postgresql.grant.create(toApp("schema", ["USAGE"]));
    await inside("drop schema public cascade");
    assert.equal(await read(state), undefined);
    await assert.rejects(postgresql.grant.delete("id", state), /does not exist/);
    await sql(`drop database "${database}"`);
    assert.equal(await read(state), undefined);
    await assert.rejects(postgresql.grant.delete("id", state), /does not exist/);
  });

  describe("on what will be made", () => {
    const byDefault = (
      role: string,
      objectType: string,
      privileges: string[],
      schema?: string,
    ) => ({
      ...{ database, owner, role, objectType, privileges, schema },
    });
    const found = async (state: Values) =>
      (await postgresql.defaultPrivileges.read("id", state, false))?.state.privileges;

    it("show what somebody changed by hand, and are gone where nothing is left", async () => {
      const { state } = await postgresql.defaultPrivileges.create(
        byDefault(app, "table", ["SELECT"], "public"),
      );
      const alter = `alter default privileges for role "${owner}" in schema public`;
      await inside(`${alter} grant insert on tables to "${app}"`);
      assert.deepEqual(await found(state), ["INSERT", "SELECT"]);
      await inside(`${alter} revoke all on tables from "${app}"`);
      assert.equal(await found(state), undefined);
    });

    // readRoleDefaultPrivileges asks pg_default_acl alone, which has no row for what is built in.
    it("do not show that PUBLIC has its built-in right to functions back", async () => {
      const { state } = await postgresql.defaultPrivileges.create(
        byDefault("public", "function", []),
      );
      await inside(
        `alter default privileges for role "${owner}" grant execute on functions to public`,
      );
      await inside(
        `set role "${owner}"; create schema own; create function own.f() returns int return 1`,
      );
      const [{ may }] = await sql<{ may: boolean }>(
        `select has_function_privilege($1, 'own.f()', 'execute') as may`,
        [app],
        database,
      );
      assert.equal(may, true);
      assert.deepEqual(await found(state), []);
    });
  });

  it("leave a database closed that cannot be dropped", async () => {
    const { id, state } = (await postgresql.database.read(database, {}, false)) as never as {
      id: string;
      state: Values;
    };
    await sql(`alter database "${database}" is_template true`);
    await assert.rejects(postgresql.database.delete(id, state), /cannot drop a template database/);
    const [row] = await sql("select datallowconn from pg_database where datname = $1", [database]);
    assert.deepEqual(row, { datallowconn: false });
    await sql(`alter database "${database}" is_template false`);
  });
});
