import assert from "node:assert/strict";

import type { SchemaMigrationsInputs } from "../../../components/postgres/migration-inputs";
import { diff, read, update } from "../../../components/postgres/schema-migrations.provider";
import { formatDrift, inspect, migrate, readMigrations } from "../../../migrator";
import { createSubject, type Subject } from "./support";

const DIRECTORY = "sql/user_service_db";

describe("a database on a server that was moved to another major version", () => {
  const files = readMigrations(DIRECTORY);
  let subject: Subject;
  let inputs: SchemaMigrationsInputs;

  before(async () => {
    subject = await createSubject();
    const { user: username, ...target } = subject.target;
    await migrate(subject.target, files);
    const checksums = (list: typeof files.versioned) =>
      Object.fromEntries(list.map(({ name, checksum }) => [name, checksum]));
    inputs = {
      ...target,
      username,
      directory: DIRECTORY,
      versioned: checksums(files.versioned),
      repeatable: checksums(files.repeatable),
      lockTimeoutMs: 500,
      statementTimeoutMs: 0,
      waitForLockMs: 0,
      allowOutOfOrder: false,
    };
  });
  after(() => subject.database.drop());

  const drift = async () => (await inspect(subject.target, files)).drift?.map(formatDrift);
  const refreshed = async () => (await read("id", inputs)).props as SchemaMigrationsInputs;

  it("has nothing to update as long as the version is the same", async () => {
    assert.deepEqual(await diff("id", await refreshed(), inputs), { changes: false });
  });

  it("shows changes by hand again after the next update, which runs no file", async () => {
    const ran = "select name, finished_at from migrations.ledger order by name";
    const before = await subject.rows(ran);
    await subject.rows("update migrations.snapshot set wording = 'of another version'");
    assert.equal(await drift(), undefined);
    const olds = await refreshed();
    assert.deepEqual(await diff("id", olds, inputs), { changes: true });
    const { outs } = await update("id", olds, inputs);
    assert.deepEqual(outs, inputs);
    assert.deepEqual(await subject.rows(ran), before);
    assert.deepEqual(await drift(), []);
    await subject.rows("set role user_service_owner; create table notes (id integer); reset role");
    assert.match((await drift())!.join(), /^table notes is not from a migration\./);
    assert.deepEqual(await diff("id", outs as SchemaMigrationsInputs, inputs), { changes: false });
  });
});
