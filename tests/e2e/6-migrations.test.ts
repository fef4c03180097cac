import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";

import { readMigrations } from "../../migrator";
import { withDatabase } from "./support/clients";
import { platform } from "./support/hooks";

const DATABASE = "user_service_db";
const SQL = "comment on schema public is 'Touched by the end-to-end test.';\n";
const CHECKSUM = createHash("sha256").update(SQL).digest("hex");

const number = (offset: number) =>
  String(readMigrations(`sql/${DATABASE}`).versioned.length + offset).padStart(4, "0");
const write = (name: string, sql: string) =>
  writeFileSync(platform().checkout.path("sql", DATABASE, name), sql);
const remove = (name: string) => rmSync(platform().checkout.path("sql", DATABASE, name));

const schemaComment = () =>
  withDatabase(platform().outputs.services["user-service"].database.url, async (client) => {
    const { rows } = await client.query<{ text: string | null }>(
      "select obj_description('public'::regnamespace, 'pg_namespace') as text",
    );
    return rows[0].text;
  });

describe("A new migration file", () => {
  const name = `${number(1)}_comment_schema.sql`;

  it("is shown by npm run preview with its name, hash and lint, below its database", async () => {
    write(name, SQL);
    const { checkout } = platform();
    const report = checkout.path(".platform", "report.md");
    const printed = await checkout.npmOk("preview", ["--report", report]);
    assert.match(
      readFileSync(report, "utf8"),
      new RegExp(`^\\| \`${DATABASE}\` \\| \`${name}\` \\| \`${CHECKSUM.slice(0, 12)}\` \\|$`, "m"),
    );
    rmSync(report);
    assert.match(printed, /^Plan for stack dev: 1 to update, \d+ unchanged$/m);
    const list = printed.slice(printed.indexOf("Migrations to run")).trimEnd();
    assert.equal(
      list,
      `Migrations to run on ${DATABASE}:\n  ${name}  sha256:${CHECKSUM.slice(0, 12)}\n` +
        "Lint of these files: no findings",
    );
  });

  it("is shown by pulumi preview --diff and --json with its name and hash", async () => {
    const { checkout } = platform();
    const diff = await checkout.pulumi("preview", ...checkout.devFlags(), "--diff");
    assert.match(diff.stdout, new RegExp(`\\+ ${name} *: "${CHECKSUM}"`));
    const json = await checkout.pulumi("preview", ...checkout.devFlags(), "--json");
    const { steps } = JSON.parse(json.stdout) as {
      steps: { op: string; newState?: { inputs?: { versioned?: Record<string, string> } } }[];
    };
    const updates = steps.filter(({ op }) => op === "update");
    assert.equal(updates.length, 1);
    assert.equal(updates[0].newState?.inputs?.versioned?.[name], CHECKSUM);
  });

  it("changes nothing in a preview", async () => {
    assert.notEqual(await schemaComment(), "Touched by the end-to-end test.");
  });

  it("is applied by up, which names it", async () => {
    const printed = await platform().checkout.npmOk("up");
    assert.match(printed, new RegExp(`sql/${DATABASE}: ${name} applied`));
    assert.equal(await schemaComment(), "Touched by the end-to-end test.");
  });

  it("is refused before any change if it was edited after it ran", async () => {
    write(name, SQL.replace("Touched", "Edited"));
    const { checkout } = platform();
    const report = checkout.path(".platform", "report.md");
    const { code, stderr } = await checkout.npm("preview", ["--report", report]);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`${name}.*changed after it was applied`, "s"));
    const [verdict, ...reasons] = readFileSync(report, "utf8").split("\n");
    assert.equal(verdict, "**Refused** · stack `dev` · no commit");
    assert.match(reasons.join("\n"), new RegExp(`${name}.*changed after it was applied`, "s"));
    rmSync(report);
    assert.match(stderr, new RegExp(CHECKSUM.slice(0, 12)));
    write(name, SQL);
  });

  it("keeps the files before it when it fails, and names the place of the error", async () => {
    const [good, bad] = [`${number(2)}_comment_again.sql`, `${number(3)}_break_things.sql`];
    write(good, "comment on schema public is 'Kept.';\n");
    write(bad, "select 1;\n\ncreate table t (id int references nowhere);\n");
    const { checkout } = platform();
    const { code, stderr } = await checkout.npm("up");
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`${bad}:3:1 +42P01 +relation "nowhere" does not exist`));
    assert.equal(await schemaComment(), "Kept.");
    const exported = await checkout.pulumi("stack", "export", "--stack", "dev");
    const { deployment } = JSON.parse(exported.stdout) as {
      deployment: { resources: { type: string; id: string; outputs: Record<string, unknown> }[] };
    };
    const state = deployment.resources.find(
      ({ type, id }) => type.endsWith(":SchemaMigrations") && id === DATABASE,
    )!;
    const applied = Object.keys(state.outputs.versioned as object);
    assert.ok(applied.includes(good) && !applied.includes(bad), applied.join());
    assert.equal(typeof state.outputs.password, "object", "the password is a secret in the state");
    remove(bad);
    const printed = await checkout.npmOk("up");
    assert.doesNotMatch(printed, new RegExp(`${good} applied`));
  });
});
