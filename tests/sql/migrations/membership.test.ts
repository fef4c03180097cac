import assert from "node:assert/strict";

import { readLedgers } from "../../../cli/migrations/ledgers";
import type { SchemaMigrationsInputs } from "../../../components/postgres/migration-inputs";
import { check, read } from "../../../components/postgres/schema-migrations.provider";
import { migrate, readMigrations } from "../../../migrator";
import { createSubject, type Subject } from "./support";

const CANNOT = /user_service_migrator cannot act as user_service_owner in .*: 42501 /;

/** The result of `act` and the lines that it prints. */
async function printed<T>(act: () => Promise<T>): Promise<[lines: string[], result: T]> {
  const output: { log: (line: string) => void } = console;
  const print = output.log;
  const lines: string[] = [];
  try {
    output.log = (line) => lines.push(line);
    return [lines, await act()];
  } finally {
    output.log = print;
  }
}

describe("a migrator without membership of the owner role", () => {
  let subject: Subject;
  let inputs: SchemaMigrationsInputs;

  before(async () => {
    subject = await createSubject();
    const { user: username, ...target } = subject.target;
    inputs = {
      ...target,
      username,
      directory: "sql/user_service_db",
      versioned: {},
      repeatable: {},
      lockTimeoutMs: 500,
      statementTimeoutMs: 0,
      waitForLockMs: 0,
      allowOutOfOrder: false,
    };
    await subject.rows("revoke user_service_owner from user_service_migrator");
  });
  after(async () => {
    await subject.rows("grant user_service_owner to user_service_migrator with inherit false");
    await subject.database.drop();
  });

  it("does not stop a preview, which reports it: the update may restore the membership", async () => {
    const [lines, { failures }] = await printed(() => check({}, inputs));
    assert.deepEqual(failures, []);
    assert.match(lines.join("\n"), CANNOT);
  });

  it("does not stop a refresh, which finds that the role changed", async () => {
    const [lines, result] = await printed(() => read("id", inputs));
    assert.deepEqual(result, { id: "id", props: inputs });
    assert.match(lines.join("\n"), CANNOT);
  });

  it("is shown in the table of ledgers", async () => {
    const [{ status, error }] = await readLedgers([{ urn: "", inputs }]);
    assert.equal(status, undefined);
    assert.match(error ?? "", CANNOT);
  });

  it("runs nothing", async () => {
    await assert.rejects(migrate(subject.target, readMigrations(inputs.directory)), {
      name: "MigrationRoleError",
      message: CANNOT,
    });
  });
});
