import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { environment, whyNot } from "../../../../cli/commands/environment";
import { FakeGitHub } from "../github/support/server";
import { refuses } from "../support/command";
import { withEnvironment } from "../support/environment";

const WANTED = {
  number: 7,
  isOpen: true,
  isOwnBranch: true,
  labels: ["x", "environment"],
  commit: "",
};

describe("the environment of a pull request", () => {
  const cases: [what: string, more: Partial<typeof WANTED>, why: string | undefined][] = [
    ["an open one with the label", {}, undefined],
    ["a closed one", { isOpen: false }, "it is closed"],
    ["one of a fork", { isOwnBranch: false }, "its branch is in a fork"],
    ["one without the label", { labels: ["x"] }, "it lacks the label environment"],
  ];
  for (const [what, more, why] of cases) {
    it(`is ${why === undefined ? "made" : "not made"} for ${what}`, () => {
      assert.strictEqual(whyNot({ ...WANTED, ...more }, "environment"), why);
    });
  }
});

describe("npm run environment", () => {
  // A number that no stack of this machine has.
  const NUMBER = "2147483";
  let server: FakeGitHub;
  let folder: string;
  let report: string;

  beforeEach(async () => {
    server = new FakeGitHub();
    await server.start();
    folder = mkdtempSync(path.join(tmpdir(), "environment-"));
    report = path.join(folder, "reports", "report.md");
  });
  afterEach(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const run = (command: string) =>
    withEnvironment(
      {
        ...{ GITHUB_TOKEN: server.token, GITHUB_REPOSITORY: "team/platform" },
        ...{ GITHUB_API_URL: server.url, PULUMI_BACKEND_URL: undefined },
      },
      () =>
        environment.parseAsync([command, "--pull-request", NUMBER, "--report", report], {
          from: "user",
        }),
    );

  const answer = (more: Record<string, unknown>) => {
    const repo = { full_name: "team/platform" };
    const body = { number: 1, state: "open", labels: [], head: { sha: "a", repo }, base: { repo } };
    server.override = () => ({ status: 200, body: { ...body, ...more } });
  };

  for (const command of ["up", "down"]) {
    it(`${command} does nothing and reports nothing where a closed one has no stack`, async () => {
      answer({ state: "closed" });
      await run(command);
      assert.deepStrictEqual(server.requests, [`GET /repos/team/platform/pulls/${NUMBER}`]);
      assert.ok(!existsSync(report));
    });
  }

  it("down leaves alone what is wanted again", async () => {
    answer({ labels: [{ name: "environment" }] });
    await run("down");
    assert.ok(!existsSync(report));
  });

  it("reports why it failed", async () => {
    server.override = () => ({ status: 404, body: { message: "Not Found" } });
    await assert.rejects(run("up"), /GitHub answers 404/);
    assert.match(
      readFileSync(report, "utf8"),
      /^\*\*Environment failed\*\* · stack `pr-2147483`\n\n```text\nGET .*GitHub answers 404 .*\n```\n$/,
    );
  });

  it("needs the number of a pull request", () =>
    refuses(
      environment.commands[0],
      ["--pull-request", "7;x"],
      /Expected the number of a pull request/,
    ));
});
