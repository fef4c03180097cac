import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { newMigration } from "../../../../cli/commands/new-migration";
import { FaultError } from "../../../../cli/fault";
import { nextFileName, writeMigration } from "../../../../cli/migrations/new-file";
import { MigrationFilesError, readMigrations } from "../../../../migrator";
import { lint, withFiles } from "../../migration-lint/support/migrations";
import { refuses as refusesArguments } from "../support/command";

const DATABASE = "payment_service_db";
const ONE = { [`${DATABASE}/0001_create_things.sql`]: "select 1;\n" };

const refuses = (use: () => unknown, ...faults: RegExp[]) =>
  assert.throws(use, (error) => {
    assert.ok(error instanceof FaultError);
    assert.strictEqual(error.faults.length, faults.length, error.message);
    faults.forEach((fault, index) => assert.match(error.faults[index], fault));
    return true;
  });

describe("the scaffold of a migration", () => {
  it("writes the file with the next number, and names it and the next step", () =>
    withFiles({ ...ONE, [`${DATABASE}/repeatable/01_f.sql`]: "select 1;\n" }, (sql) => {
      const lines = writeMigration(DATABASE, "add_refunds", sql);
      assert.strictEqual(lines[0], `Wrote sql/${DATABASE}/0002_add_refunds.sql`);
      assert.match(lines[1], /npm run lint and npm run preview/);
      assert.ok(existsSync(path.join(sql, DATABASE, "0002_add_refunds.sql")));
    }));

  it("writes a file that the runner refuses until it has a statement", () =>
    withFiles(ONE, async (sql) => {
      writeMigration(DATABASE, "add_refunds", sql);
      const folder = path.join(sql, DATABASE);
      assert.throws(
        () => readMigrations(folder),
        (error) =>
          error instanceof MigrationFilesError &&
          error.faults.length === 1 &&
          /has no statement/.test(error.faults[0].message),
      );
      const header = readFileSync(path.join(folder, "0002_add_refunds.sql"), "utf8");
      assert.deepStrictEqual(await lint(`${header}\ncreate table refunds (id uuid);\n`), []);
    }));

  const refused: [title: string, args: [database: string, name: string], faults: RegExp[]][] = [
    [
      "an unknown database, with those that exist",
      ["payments", "add_refunds"],
      [
        /no database "payments"; .* user_service_db, agent_orchestrator_db, content_service_db, payment_service_db/,
      ],
    ],
    ["a path as a database", ["../payment_service_db", "add_refunds"], [/no database/]],
    ...[
      "refunds",
      "AddRefunds",
      "add-refunds",
      "add_refunds.sql",
      "0004_add_refunds",
      "add__refunds",
      "_add_refunds",
      "../add_refunds",
      "",
    ].map((name): [string, [string, string], RegExp[]] => [
      `the name "${name}"`,
      [DATABASE, name],
      [/is named verb_object/],
    ]),
    ["two faults together", ["", ""], [/no database ""/, /verb_object/]],
  ];
  for (const [title, args, faults] of refused) {
    it(`refuses ${title}`, () =>
      withFiles(ONE, (sql) => {
        refuses(() => writeMigration(...args, sql), ...faults);
        assert.deepStrictEqual(readdirSync(path.join(sql, DATABASE)), ["0001_create_things.sql"]);
      }));
  }

  it("refuses to add to a folder with a gap", () =>
    withFiles({ [`${DATABASE}/0002_create_things.sql`]: "select 1;\n" }, (sql) =>
      refuses(() => writeMigration(DATABASE, "add_refunds", sql), /but 0001 was expected/),
    ));

  it("numbers files up to 9999, and refuses the next one", () => {
    assert.strictEqual(nextFileName(0, "add_refunds"), "0001_add_refunds.sql");
    assert.strictEqual(nextFileName(9998, "add_refunds"), "9999_add_refunds.sql");
    refuses(() => nextFileName(9999, "add_refunds"), /9999 is taken/);
  });

  const incomplete: [args: string[], message: RegExp][] = [
    [[], /missing required argument 'database'/],
    [[DATABASE], /missing required argument 'name'/],
    [[DATABASE, "add_refunds", "now"], /too many arguments/],
  ];
  for (const [args, message] of incomplete) {
    it(`is not called with "${args.join(" ")}"`, () =>
      refusesArguments(newMigration, args, message));
  }
});
