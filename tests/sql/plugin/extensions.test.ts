import assert from "node:assert/strict";

import { fresh, type Plugin, plugin, removed, sql, type Values } from "./support";

describe("extensions by the stand-in for @pulumi/postgresql", () => {
  const database = fresh("plugin_extensions");
  let postgresql: Plugin;

  before(async () => {
    postgresql = await plugin();
    await sql(`create database "${database}"`);
  });
  after(() => removed([database], []));
  afterEach(() => sql("drop extension if exists pg_stat_statements, citext cascade", [], database));

  const installed = async () => {
    const rows = await sql<{ name: string }>(
      "select extname as name from pg_extension where extname <> 'plpgsql' order by 1",
      [],
      database,
    );
    return rows.map(({ name }) => name);
  };
  const read = (state: Values) => postgresql.extension.read(`${database}.x`, state, false);

  it("are made in the database, and taken as they are where they exist", async () => {
    const { id, state } = await postgresql.extension.create({
      database,
      name: "pg_stat_statements",
    });
    assert.equal(id, `${database}.pg_stat_statements`);
    assert.equal(state.schema, "public");
    assert.deepEqual(await installed(), ["pg_stat_statements"]);
    const again = await postgresql.extension.create({ database, name: "pg_stat_statements" });
    assert.deepEqual(again.state, state);
  });

  it("are gone for a refresh once somebody dropped them, and cannot be deleted then", async () => {
    const { state } = await postgresql.extension.create({ database, name: "citext" });
    await sql("drop extension citext", [], database);
    assert.equal(await read(state), undefined);
    await assert.rejects(postgresql.extension.delete("id", state), /"citext" does not exist/);
  });

  it("are not dropped while a column uses them", async () => {
    const { id, state } = await postgresql.extension.create({ database, name: "citext" });
    await sql("create table names (name citext)", [], database);
    await assert.rejects(postgresql.extension.delete(id, state), /other objects depend on it/);
    await sql("drop table names", [], database);
    await postgresql.extension.delete(id, state);
    assert.deepEqual(await installed(), []);
  });
});
