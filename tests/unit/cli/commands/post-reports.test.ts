import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { postReports } from "../../../../cli/commands/post-reports";
import { FakeGitHub } from "../github/support/server";
import { withEnvironment } from "../support/environment";

describe("npm run post-reports", () => {
  let server: FakeGitHub;
  let folder: string;
  let repo = "team/platform";
  const file = (name: string) => path.join(folder, name);

  beforeEach(async () => {
    server = new FakeGitHub();
    await server.start();
    repo = "team/platform";
    server.override = (request) =>
      request === "GET /repos/team/platform/pulls" ? { status: 200, body: [pull()] } : undefined;
    folder = mkdtempSync(path.join(tmpdir(), "post-reports-"));
    mkdirSync(file("reports"));
    writeEvent({ event: "pull_request", head_sha: "abc", head_branch: "b" });
  });
  afterEach(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const pull = () => ({
    ...{ number: 7, state: "open", labels: [] },
    head: { sha: "abc", repo: { full_name: repo } },
    base: { repo: { full_name: "team/platform" } },
  });

  const writeEvent = (run: Record<string, unknown>) => {
    const head_repository = { owner: { login: "somebody" } };
    writeFileSync(
      file("event.json"),
      JSON.stringify({ workflow_run: { head_repository, ...run } }),
    );
  };

  const run = () =>
    withEnvironment(
      {
        ...{ GITHUB_TOKEN: server.token, GITHUB_REPOSITORY: "team/platform" },
        ...{ GITHUB_API_URL: server.url, GITHUB_STEP_SUMMARY: undefined },
      },
      () =>
        postReports.parseAsync(
          ["--reports", file("reports"), "--event", file("event.json"), "--stack", "staging"],
          { from: "user" },
        ),
    );

  const bodies = () => server.comments.map(({ body }) => body);

  it("posts those of the stacks that are named, and of the pull request's own environment", async () => {
    for (const stack of ["staging", "pr-7", "pr-8", "prod"]) {
      writeFileSync(file(`reports/${stack}.md`), `of ${stack}\n`);
    }
    await run();
    assert.deepStrictEqual(
      bodies().map((body) => body.split("\n").slice(1).join("\n")),
      ["of staging\n", "of pr-7\n"],
    );
  });

  it("says that a fork wrote its report, and takes the reach from its marks", async () => {
    repo = "somebody/platform";
    writeFileSync(
      file("reports/staging.md"),
      "@team #1 ![x](http://x) a@b <!-- learning-platform -->",
    );
    await run();
    const [body] = bodies();
    assert.match(body, /^<!-- .*\/staging -->\n> The code of a fork wrote this report/);
    assert.ok(
      body.endsWith(
        "@\u200bteam #\u200b1 !\u200b[x](http://x) a@b <\u200b!-- learning-platform -->",
      ),
    );
  });

  it("posts nothing that is a link or too long, and fails after it has posted the others", async () => {
    writeFileSync(file("secret"), "of this machine");
    symlinkSync(file("secret"), file("reports/staging.md"));
    writeFileSync(file("reports/pr-7.md"), "of pr-7");
    await assert.rejects(run(), /The report of stack staging is not a plain file\./);
    assert.strictEqual(bodies().length, 1);
    for (const length of [65_001, 1_000_000]) {
      rmSync(file("reports/staging.md"));
      writeFileSync(file("reports/staging.md"), "x".repeat(length));
      await assert.rejects(run(), /The report of stack staging is too long\./);
    }
  });

  it("posts nothing on a branch that has gone on, and nothing where there is no report", async () => {
    await run();
    writeFileSync(file("reports/staging.md"), "old");
    writeEvent({ event: "pull_request", head_sha: "old", head_branch: "b" });
    await run();
    assert.deepStrictEqual(bodies(), []);
  });

  it("refuses an event that is none of a workflow's run", async () => {
    writeFileSync(file("event.json"), "{}");
    await assert.rejects(run(), /is not the event of a workflow's run/);
    writeFileSync(file("event.json"), "{");
    await assert.rejects(run(), /event\.json cannot be read/);
  });
});
