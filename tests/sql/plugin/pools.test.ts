import assert from "node:assert/strict";

import { providerConnections } from "../../../components/postgres/postgres-settings";
import { fresh, plugin, removed, settlesWithin, sql } from "./support";

describe("pools of the stand-in for @pulumi/postgresql", () => {
  const databases = Array.from({ length: 4 }, () => fresh("pool_db"));
  const owners = databases.map((name) => `${name}_owner`);

  beforeEach(async () => {
    for (const owner of owners) {
      await sql(`create role "${owner}"`);
    }
  });
  afterEach(() => removed(databases, owners));

  const createAll = async (maxConnections: number) => {
    const { database } = await plugin({ maxConnections: `${maxConnections}` });
    return databases.map((name, index) => database.create({ name, owner: owners[index] }));
  };

  // As cyrilgdn/terraform-provider-postgresql ff936b9: resource_postgresql_database.go:126-149 holds one
  // connection of the pool and the lock while it asks the same pool for another.
  for (const most of [2, 4]) {
    it(`wait for themselves for ever with ${most} connections and four databases at once`, async () => {
      const creations = await createAll(most);
      creations.forEach((creation) => creation.catch(() => undefined));
      assert.equal(await settlesWithin(1_500, Promise.race(creations)), false);
      // All connections are held: one with the lock, waiting in the pool, and the others waiting for the lock.
      const sessions = await sql<{ waits: string | null }>(
        `select wait_event as waits from pg_stat_activity
       where application_name = 'pulumi-resource-postgresql' order by wait_event`,
      );
      assert.deepEqual(
        sessions.map(({ waits }) => waits),
        ["ClientRead", ...Array<string>(most - 1).fill("advisory")],
      );
      assert.deepEqual(
        await sql("select from pg_database where datname = any ($1)", [databases]),
        [],
      );
      // The next in the queue comes when one is ended; in the end all connections are of some who wait.
      for (let rest: unknown[] = sessions; rest.length > 0;) {
        rest = await sql(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pulumi-resource-postgresql'",
        );
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    });
  }

  it("let the platform's number of connections make all databases, and drop them, at once", async () => {
    const { database } = await plugin({
      maxConnections: `${providerConnections(databases.length)}`,
    });
    const made = Promise.all(
      databases.map((name, index) => database.create({ name, owner: owners[index] })),
    );
    assert.equal(await settlesWithin(15_000, made), true);
    const states = await made;
    const dropped = Promise.all(states.map(({ id, state }) => database.delete(id, state)));
    assert.equal(await settlesWithin(15_000, dropped), true);
    await dropped;
    assert.deepEqual(
      await sql("select datname from pg_database where datname = any ($1)", [databases]),
      [],
    );
  });

  it("hold no more connections than they may, and none that is idle", async () => {
    const { role } = await plugin({ maxConnections: "3" });
    const names = owners.map((owner) => `${owner}_more`);
    let most = 0;
    const count = setInterval(async () => {
      const [{ open }] = await sql<{ open: number }>(
        "select count(*)::int as open from pg_stat_activity where application_name = 'pulumi-resource-postgresql'",
      );
      most = Math.max(most, open);
    }, 5);
    try {
      await Promise.all(names.map((name) => role.create({ name })));
    } finally {
      clearInterval(count);
    }
    const held = await sql(
      "select pid from pg_stat_activity where application_name = 'pulumi-resource-postgresql'",
    );
    await removed([], names);
    assert.ok(most > 1 && most <= 3, `${most} connections at once`);
    assert.deepEqual(held, []);
  });
});
