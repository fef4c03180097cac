import assert from "node:assert/strict";

import { Client } from "pg";

import * as provider from "../../../components/postgres/role-settings.provider";
import { server } from "../support/hooks";

const ROLES = ["isolation_one", "isolation_two"];

describe("settings of roles", () => {
  let client: Client;

  const inputs = (roles: Record<string, Record<string, string>>) => ({
    host: server().host,
    port: server().port,
    adminUsername: server().user,
    adminPassword: server().password,
    roles,
  });
  const both = (timeout: string) =>
    inputs(Object.fromEntries(ROLES.map((role) => [role, { lock_timeout: timeout }])));

  async function configOf(role: string): Promise<string[] | null> {
    const { rows } = await client.query<{ config: string[] | null }>(
      "select rolconfig as config from pg_roles where rolname = $1",
      [role],
    );
    return rows[0].config;
  }

  before(async () => {
    const { host, port, user, password } = server();
    client = new Client({ host, port, user, password, database: "postgres" });
    await client.connect();
  });
  after(() => client.end());
  beforeEach(async () => {
    for (const role of ROLES) {
      await client.query(`create role ${role}; alter role ${role} set statement_timeout = 5`);
    }
  });
  afterEach(async () => {
    for (const role of ROLES) {
      await client.query(`drop role if exists ${role}`);
    }
  });

  it("are added to the settings that a role has", async () => {
    const { id, outs } = await provider.create(both("10s"));
    assert.strictEqual(id, ROLES.join(","));
    assert.deepStrictEqual(outs, both("10s"));
    for (const role of ROLES) {
      assert.deepStrictEqual(await configOf(role), ["statement_timeout=5", "lock_timeout=10s"]);
    }
  });

  it("are updated in place, and reset when they are removed", async () => {
    await provider.create(both("10s"));
    await provider.update("id", both("10s"), inputs({ isolation_one: { lock_timeout: "3s" } }));
    assert.deepStrictEqual(await configOf("isolation_one"), [
      "statement_timeout=5",
      "lock_timeout=3s",
    ]);
    assert.deepStrictEqual(await configOf("isolation_two"), ["statement_timeout=5"]);
  });

  it("are set for all roles or for none", async () => {
    const wrong = inputs({
      isolation_one: { lock_timeout: "10s" },
      isolation_two: { lock_timeout: "soon" },
    });
    await assert.rejects(provider.create(wrong), { code: "22023" });
    assert.deepStrictEqual(await configOf("isolation_one"), ["statement_timeout=5"]);
  });

  it("are reset on delete, even if a role no longer exists", async () => {
    await provider.create(both("10s"));
    await client.query("drop role isolation_two");
    await provider.delete("id", both("10s"));
    assert.deepStrictEqual(await configOf("isolation_one"), ["statement_timeout=5"]);
  });

  const changes: [title: string, sql: string][] = [
    ["were changed by hand", "alter role isolation_one set lock_timeout = '1s'"],
    ["were reset by hand", "alter role isolation_one reset lock_timeout"],
    ["belong to a role that was dropped by hand", "drop role isolation_one"],
  ];
  for (const [title, sql] of changes) {
    it(`are set again after a refresh if they ${title}`, async () => {
      await provider.create(both("10s"));
      await client.query(sql);
      const { props } = await provider.read("id", both("10s"));
      const { changes: found } = await provider.diff("id", props, both("10s"));
      assert.strictEqual(found, true);
    });
  }

  it("do not change after a refresh that finds them unchanged", async () => {
    await provider.create(both("10s"));
    await client.query("alter role isolation_one set work_mem = '8MB'");
    const { props } = await provider.read("id", both("10s"));
    assert.deepStrictEqual(props, both("10s"));
    assert.deepStrictEqual(await provider.diff("id", props, both("10s")), { changes: false });
  });

  it("keep their state in a refresh while the server is stopped", async () => {
    const state = { ...both("10s"), port: 1 };
    assert.deepStrictEqual(await provider.read("id", state), { id: "id", props: state });
  });

  it("cannot be read with a wrong password: the refresh fails", async () => {
    const state = { ...both("10s"), adminPassword: "wrong" };
    await assert.rejects(provider.read("id", state), { code: "28P01" });
  });
});
