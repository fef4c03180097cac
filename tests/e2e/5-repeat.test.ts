import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";

import type { Report } from "../../cli/report/facts";
import { DATABASES } from "../support/contract";
import { withDatabase } from "./support/clients";
import { platform } from "./support/hooks";

interface PreviewJson {
  changeSummary: Record<string, number>;
  steps: { op: string; urn: string }[];
}

describe("A second run on stack dev", () => {
  it("changes nothing with npm run up", async () => {
    const printed = await platform().checkout.npmOk("up");
    assert.match(printed, /^Plan for stack dev: \d+ unchanged$/m);
  });

  it("is reported in one line, and as JSON alone on standard output", async () => {
    const { checkout } = platform();
    const file = checkout.path(".platform", "report.md");
    const printed = await checkout.npmOk("preview", ["--report", file, "--json"]);
    assert.equal(readFileSync(file, "utf8"), "**Nothing to change** · stack `dev` · no commit\n");
    const { verdict, ledgers } = JSON.parse(printed) as Report;
    assert.equal(verdict, "nothing");
    assert.deepEqual(
      ledgers.map(({ database, state }) => `${database} ${state}`),
      Object.values(DATABASES)
        .map(({ database }) => `${database} ready`)
        .sort(),
    );
    rmSync(file);
  });

  it("changes nothing with pulumi up and the exports of npm run setup", async () => {
    const { checkout } = platform();
    const flags = [...checkout.devFlags(), "--yes", "--skip-preview"];
    const { code, stdout, stderr } = await checkout.pulumi("up", ...flags, "--expect-no-changes");
    assert.equal(code, 0, stdout + stderr);
  });

  it("finds no drift with pulumi refresh", async () => {
    const { checkout } = platform();
    const flags = [...checkout.devFlags(), "--yes", "--skip-preview"];
    const { code, stdout, stderr } = await checkout.pulumi(
      "refresh",
      ...flags,
      "--expect-no-changes",
    );
    assert.equal(code, 0, stdout + stderr);
  });

  it("previews no change after the refresh", async () => {
    const { checkout } = platform();
    const { code, stdout, stderr } = await checkout.pulumi(
      "preview",
      ...checkout.devFlags(),
      "--expect-no-changes",
      "--json",
    );
    assert.equal(code, 0, stdout + stderr);
    const { changeSummary } = JSON.parse(stdout) as PreviewJson;
    assert.deepEqual(Object.keys(changeSummary), ["same"]);
  });

  it("keeps each migrator a member of its owner after the refresh", async () => {
    const { checkout, outputs } = platform();
    await checkout.npmOk("up");
    const { username, password } = outputs.administrators.postgres;
    const url = `postgresql://${username}:${password}@localhost:5432/postgres`;
    const { rows } = await withDatabase(url, (client) =>
      client.query<{ member: string; role: string }>(
        `select member::regrole::text as member, roleid::regrole::text as role
         from pg_auth_members where member::regrole::text !~ '^pg_' order by 1`,
      ),
    );
    const prefixes = Object.values(DATABASES).map(({ prefix }) => prefix);
    assert.deepEqual(
      rows,
      prefixes.sort().map((prefix) => ({ member: `${prefix}_migrator`, role: `${prefix}_owner` })),
    );
  });
});
