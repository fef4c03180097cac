import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";

import { lintMigrations } from "../../../migration-lint";
import { ACCEPTED } from "../../../migration-lint/accepted";
import { ROOT } from "../support/program";
import { lint, migration, rulesOf } from "./support/migrations";

const DROP = "alter table things drop column a;\n";

describe("a waiver", () => {
  const accepted: [title: string, sql: string][] = [
    ["stands above the statement", `-- squawk-ignore ban-drop-column -- never written\n${DROP}`],
    ["stands behind it", `${DROP.trim()} -- squawk-ignore ban-drop-column -- never written\n`],
    [
      "stands above the line within a statement",
      "alter table things\n  add column b text,\n  -- squawk-ignore ban-drop-column -- never written\n  drop column a;\n",
    ],
    [
      "continues in the comment below it",
      `-- squawk-ignore ban-drop-column -- never written:\n-- the service stopped last year\n${DROP}`,
    ],
    [
      "names several rules, Squawk's and ours",
      `-- squawk-ignore ban-drop-column, ban-drop-cascade -- the view goes too\n${DROP.replace(";", " cascade;")}`,
    ],
    [
      "stands above another of the same statement",
      `-- squawk-ignore ban-drop-column -- never written\n-- squawk-ignore ban-drop-cascade -- the view\n${DROP.replace(";", " cascade;")}`,
    ],
    [
      "has dashes in its reason",
      `-- squawk-ignore ban-truncate -- a cache -- no data\ntruncate things;`,
    ],
  ];
  for (const [title, sql] of accepted) {
    it(`is applied if it ${title}`, async () => {
      assert.deepStrictEqual(await lint(sql), []);
    });
  }

  const refused: [title: string, sql: string, rules: string[], message: RegExp][] = [
    [
      "has no reason",
      `-- squawk-ignore ban-drop-column\n${DROP}`,
      ["invalid-waiver", "ban-drop-column"],
      /has no reason/,
    ],
    [
      "has an empty reason",
      `-- squawk-ignore ban-drop-column -- \n${DROP}`,
      ["invalid-waiver", "ban-drop-column"],
      /has no reason/,
    ],
    [
      "names no rule",
      `-- squawk-ignore -- all is well\n${DROP}`,
      ["invalid-waiver", "ban-drop-column"],
      /names no rule/,
    ],
    [
      "is for the whole file",
      `-- squawk-ignore-file ban-drop-column -- never written\n${DROP}`,
      ["invalid-waiver", "ban-drop-column"],
      /`squawk-ignore-file` is not supported/,
    ],
    [
      "tells Squawk about a transaction, as only the runner's directive may",
      "-- squawk-disable-assume-in-transaction\ncreate table things (a text);\n",
      ["invalid-waiver"],
      /is not supported/,
    ],
    [
      "names an unknown rule",
      `-- squawk-ignore ban-drop-colum -- never written\n${DROP}`,
      ["unused-waiver", "ban-drop-column"],
      /no finding of ban-drop-colum on line 2/,
    ],
    [
      "waives a rule without a finding",
      "-- squawk-ignore ban-drop-column -- never written\nselect 1;\n",
      ["unused-waiver"],
      /no finding of ban-drop-column on line 2/,
    ],
    [
      "is separated from the statement",
      `-- squawk-ignore ban-drop-column -- never written\n\n${DROP}`,
      ["unused-waiver", "ban-drop-column"],
      /on line 2/,
    ],
    [
      "stands behind the statement before",
      `select 1; -- squawk-ignore ban-drop-column -- never written\n${DROP}`,
      ["unused-waiver", "ban-drop-column"],
      /on line 1/,
    ],
  ];
  for (const [title, sql, rules, message] of refused) {
    it(`is a finding itself and waives nothing if it ${title}`, async () => {
      const found = await lint(sql);
      assert.deepStrictEqual(
        found.map(({ rule }) => rule),
        rules,
      );
      assert.match(found[0].message, message);
    });
  }

  it("waives nothing in a block comment, which Squawk would accept without a reason", async () => {
    assert.deepStrictEqual(await rulesOf(`/* squawk-ignore ban-drop-column */\n${DROP}`), [
      "ban-drop-column",
    ]);
  });

  it("waives only the rule that it names", async () => {
    const sql = `-- squawk-ignore ban-drop-column -- never written\n${DROP.replace(";", " cascade;")}`;
    assert.deepStrictEqual(await rulesOf(sql), ["ban-drop-cascade"]);
  });

  it("is ignored in a string", async () => {
    const sql = `select '\n-- squawk-ignore ban-drop-column -- x\n'; ${DROP}`;
    assert.deepStrictEqual(await rulesOf(sql), ["ban-drop-column"]);
  });
});

describe("an accepted finding of an applied file", () => {
  const entry = { file: "0001_change_things.sql", rule: "ban-drop-column", reason: "applied" };

  it("is left out in that file only", async () => {
    const files = [await migration(DROP), await migration(DROP, "0001_change_others.sql")];
    const found = await lintMigrations(files, { accepted: [entry] });
    assert.deepStrictEqual(
      found.map(({ file, rule }) => [file, rule]),
      [["0001_change_others.sql", "ban-drop-column"]],
    );
  });

  it("is reported as unused if the file has no such finding", async () => {
    const [found] = await lint("select 1;", { accepted: [entry] });
    assert.deepStrictEqual([found.rule, found.line], ["unused-waiver", 1]);
    assert.match(found.message, /lint\/accepted\.ts/);
  });

  it("has an existing file and a reason", () => {
    for (const { file, reason } of ACCEPTED) {
      assert.ok(existsSync(path.join(ROOT, file)), file);
      assert.notStrictEqual(reason, "");
    }
  });
});
