import assert from "node:assert/strict";
import path from "node:path";

import { lintFolders, lintLines, lintPending } from "../../../../cli/migrations/lint";
import type { PlannedMigrations } from "../../../../cli/plan/plan";
import { withFiles } from "../../migration-lint/support/migrations";

const DATABASE = "user_service_db";
const FILES = {
  [`${DATABASE}/0001_create_things.sql`]: "create table things (a text);\n",
  [`${DATABASE}/0002_drop_things.sql`]: "drop table things;\n",
  [`${DATABASE}/repeatable/01_purge.sql`]: "delete from things;\n",
};

/** Migrations that run these files of the database. */
const pending = (...files: string[]): PlannedMigrations[] => [
  {
    ...{
      database: `pr_7_${DATABASE}`,
      directory: DATABASE,
      isNew: true,
      versioned: 0,
      repeatable: 0,
    },
    pending: files.map((name) => ({ name, checksum: "h" })),
  },
];

describe("the lint of pending migrations", () => {
  it("is empty, and reads no file, where none is pending", async () => {
    assert.deepStrictEqual(lintLines(await lintPending(pending(), "/nowhere")), []);
  });

  it("reports findings of pending files only, repeatable ones, too", () =>
    withFiles(FILES, async (folder) => {
      const migrations = pending("0001_create_things.sql", "repeatable/01_purge.sql");
      const at = path.join(folder, DATABASE, "repeatable/01_purge.sql");
      assert.deepStrictEqual(lintLines(await lintPending(migrations, folder)), [
        "Lint of these files: 1 finding",
        `  ${at}:1:1  ban-delete-without-where  Without \`where\`, every row is deleted.`,
        "    help: If that is intended, waive this finding with a reason.",
      ]);
    }));

  it("says that there are no findings", () =>
    withFiles(FILES, async (folder) => {
      assert.deepStrictEqual(
        lintLines(await lintPending(pending("0001_create_things.sql"), folder)),
        ["Lint of these files: no findings"],
      );
    }));
});

describe("the lint of all migrations", () => {
  it("finds nothing in the platform's own", async () => {
    const { lines, failed } = await lintFolders();
    assert.strictEqual(failed, false, lines.join("\n"));
    assert.match(lines.at(-1) ?? "", /^\d+ migrations linted: no findings$/);
  }).timeout(20_000);

  it("fails with each finding and each refusal of the runner, in every folder", () =>
    withFiles(
      {
        ...FILES,
        "empty_db/0001_add_nothing.sql": "-- to be written\n",
        "other_db/0001_drop_all.sql": "drop schema public;\n",
      },
      async (folder) => {
        const { lines, failed } = await lintFolders(folder);
        assert.strictEqual(failed, true);
        const text = lines.join("\n");
        assert.match(text, /0001_add_nothing\.sql  has no statement/);
        assert.match(text, /0002_drop_things\.sql:1:1  ban-drop-table/);
        assert.match(text, /01_purge\.sql:1:1  ban-delete-without-where/);
        assert.match(text, /0001_drop_all\.sql:1:1  ban-drop-schema/);
        assert.strictEqual(lines.at(-1), "4 migrations linted: 3 findings");
      },
    ));

  it("fails where the runner refuses one folder and the rest is clean", () =>
    withFiles({ "a_db/0002_create_gap.sql": "select 1;\n" }, async (folder) => {
      assert.strictEqual((await lintFolders(folder)).failed, true);
    }));
});
