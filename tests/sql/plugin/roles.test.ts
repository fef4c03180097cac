import assert from "node:assert/strict";

import { Client } from "pg";

import { server } from "../support/hooks";
import { fresh, type Plugin, plugin, removed, sql } from "./support";

const PASSWORD = "Xq7bT2mVr9KzP4wL";

describe("roles of the stand-in for @pulumi/postgresql", () => {
  let postgresql: Plugin;
  let name: string;

  before(async () => {
    postgresql = await plugin();
  });
  beforeEach(() => {
    name = fresh("plugin_role");
  });
  afterEach(() => removed([], [name, `${name}_group`]));

  const login = async (password: string) => {
    const { host, port } = server();
    const client = new Client({ host, port, user: name, password, database: "postgres" });
    await client.connect();
    await client.end();
  };
  const created = (more: Record<string, unknown> = {}) =>
    postgresql.role.create({ name, login: true, password: PASSWORD, ...more });
  const read = async (state: Record<string, unknown>) =>
    (await postgresql.role.read(name, state, false))!.state;

  // resource_postgresql_role.go:663-666.
  it("do not show a password that somebody changed by hand", async () => {
    const { state } = await created();
    await sql(`alter role "${name}" password 'changed-by-hand'`);
    assert.deepEqual(await read(state), state);
    await assert.rejects(login(PASSWORD), { code: "28P01" });
  });

  it("show a password that somebody took away", async () => {
    const { state } = await created();
    await sql(`alter role "${name}" password null`);
    assert.equal((await read(state)).password, "");
  });

  it("renew a password that differs from the state's, and keep one that is stated no more", async () => {
    const { state } = await created();
    const renewed = await postgresql.role.update(name, state, { ...state, password: "renewed" });
    await login("renewed");
    const { password, ...rest } = renewed;
    assert.equal(password, "renewed");
    await postgresql.role.update(name, renewed, rest);
    await login("renewed");
  });

  // Its pqQuoteLiteral doubles a backslash, which PostgreSQL takes for two.
  it("have another password than the one given where that holds a backslash", async () => {
    await created({ password: "back\\slash" });
    await assert.rejects(login("back\\slash"), { code: "28P01" });
    await login("back\\\\slash");
  });

  it("cannot be read after somebody set a timeout with a unit by hand", async () => {
    const { state } = await created({ statementTimeout: 30_000 });
    await sql(`alter role "${name}" set statement_timeout = '2min'`);
    await assert.rejects(read(state), /error reading statement_timeout: .*parsing "2min"/);
  });

  it("show search path, timeouts and memberships that somebody changed by hand", async () => {
    const { state } = await created({ searchPaths: ["public"], statementTimeout: 30_000 });
    assert.deepEqual(state.searchPaths, ["public"]);
    await sql(`create role "${name}_group"`);
    await sql(
      `grant "${name}_group" to "${name}"; alter role "${name}" set search_path = 'a b', "C", d;
       alter role "${name}" reset statement_timeout`,
    );
    const { searchPaths, statementTimeout, roles } = await read(state);
    assert.deepEqual(
      { searchPaths, statementTimeout, roles },
      { searchPaths: ["a b", "C", "d"], statementTimeout: 0, roles: [`${name}_group`] },
    );
    await postgresql.role.update(name, await read(state), state);
    assert.deepEqual(await read(state), state);
  });

  it("cannot be deleted once somebody dropped them by hand", async () => {
    const { state } = await created();
    await sql(`drop role "${name}"`);
    await assert.rejects(postgresql.role.delete(name, state), { message: /does not exist/ });
  });

  it("cannot have their passwords read by a user who is no superuser", async () => {
    const { state } = await created();
    await sql(`create role "${name}_group" login createrole password 'admin'`);
    const other = { username: `${name}_group`, password: "admin" };
    const asSuperuser = await plugin(other);
    await assert.rejects(
      asSuperuser.role.read(name, state, false),
      /is not a SUPERUSER.*superuser = false/,
    );
    const asOther = await plugin({ ...other, superuser: "false" });
    assert.deepEqual((await asOther.role.read(name, state, false))!.state, state);
  });
});
