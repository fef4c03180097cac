import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { comment } from "../../../../cli/commands/comment";
import { FakeGitHub } from "../github/support/server";
import { refuses } from "../support/command";
import { withEnvironment } from "../support/environment";

describe("npm run comment", () => {
  let server: FakeGitHub;
  let folder: string;
  const file = (name: string) => path.join(folder, name);

  beforeEach(async () => {
    server = new FakeGitHub();
    await server.start();
    folder = mkdtempSync(path.join(tmpdir(), "comment-"));
    writeFileSync(file("report.md"), "**Changes**\n");
  });
  afterEach(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const run = (variables: Record<string, string | undefined> = {}) =>
    withEnvironment(
      {
        GITHUB_TOKEN: server.token,
        GITHUB_REPOSITORY: "team/platform",
        GITHUB_API_URL: `${server.url}/`,
        GITHUB_STEP_SUMMARY: file("summary.md"),
        ...variables,
      },
      () =>
        comment.parseAsync(
          ["--stack", "dev", "--report", file("report.md"), "--pull-request", "7"],
          { from: "user" },
        ),
    );

  it("posts the report, and appends it to the summary of the step", async () => {
    writeFileSync(file("summary.md"), "before\n");
    await run();
    await run();
    const [{ body }, ...others] = server.comments;
    assert.match(body, /^<!-- .*\/dev -->\n\*\*Changes\*\*\n$/);
    assert.strictEqual(others.length, 0);
    const summary = readFileSync(file("summary.md"), "utf8");
    assert.strictEqual(summary, "before\n**Changes**\n\n**Changes**\n\n");
  });

  it("writes the summary also where the comment fails", async () => {
    await assert.rejects(run({ GITHUB_TOKEN: "wrong" }), /The token in GITHUB_TOKEN is not valid/);
    assert.strictEqual(readFileSync(file("summary.md"), "utf8"), "**Changes**\n\n");
  });

  it("leaves out a summary for which the step has no room, and posts the report", async () => {
    writeFileSync(file("summary.md"), "x".repeat(1024 * 1024 - 5));
    await run();
    assert.strictEqual(readFileSync(file("summary.md"), "utf8").length, 1024 * 1024 - 5);
    assert.strictEqual(server.comments.length, 1);
  });

  it("needs no summary", async () => {
    await run({ GITHUB_STEP_SUMMARY: undefined });
    assert.strictEqual(server.comments.length, 1);
  });

  it("names every variable that is missing or wrong, without their values", async () => {
    const wrong = { GITHUB_TOKEN: "a b", GITHUB_REPOSITORY: "x/../y", GITHUB_API_URL: "c d" };
    await assert.rejects(run(wrong), {
      message:
        "- GITHUB_TOKEN must have a token that may write comments.\n" +
        "- GITHUB_REPOSITORY must be the repository as owner/name.\n" +
        "- GITHUB_API_URL must be a URL such as https://api.github.com.",
    });
  });

  it("names a report that is not there", async () => {
    rmSync(file("report.md"));
    await assert.rejects(run(), /report\.md cannot be read: ENOENT/);
  });

  it("refuses what is no number of a pull request", () =>
    refuses(comment, ["--report", "x", "--pull-request", "7/../8"], /number of a pull request/));
});
