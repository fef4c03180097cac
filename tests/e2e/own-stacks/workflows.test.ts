import assert from "node:assert/strict";
import { existsSync } from "node:fs";

import { type Result, run } from "../../../cli/machine/run";
import { ACT, ensureTool } from "../../../tools/workflows/tools";
import { FakeGitHub } from "../../unit/cli/github/support/server";
import { Act } from "../support/act";
import { Checkout } from "../support/checkout";

const REPOSITORY = { full_name: "team/platform", default_branch: "main" };
const NUMBER = 7;
const STACK = `pr-${NUMBER}`;

describe("The workflows, from opening a pull request to closing it", () => {
  const server = new FakeGitHub();
  let checkout: Checkout;
  let act: Act;
  let sha: string;
  const state = { state: "open", labels: [] as { name: string }[] };

  before(async function () {
    const tool = ensureTool(ACT);
    if ("missing" in tool) {
      process.stdout.write(`act cannot be installed: ${tool.missing}\n`);
      this.skip();
    }
    await server.start();
    server.override = (request) =>
      request.startsWith("GET /repos/team/platform/pulls")
        ? { status: 200, body: request.endsWith("/pulls") ? [pullRequest()] : pullRequest() }
        : undefined;
    checkout = new Checkout();
    sha = await commit(checkout.root);
    act = new Act(tool.path, checkout.root, {
      ...{ GITHUB_API_URL: server.url, GITHUB_TOKEN: server.token },
      ...{ GITHUB_REPOSITORY: "team/platform", RUNNER_NAME: "runner-1" },
    });
  });

  after(async () => {
    await server.stop();
    act?.remove();
    await checkout?.cleanUp(STACK);
  });

  /** The stack is there as long as this file. */
  const salt = () => checkout.path(".platform", "stacks", `Pulumi.${STACK}.yaml`);

  const pullRequest = (repository = REPOSITORY.full_name) => ({
    ...{ number: NUMBER, ...state },
    head: { sha, ref: "b", repo: { full_name: repository } },
    base: { repo: { full_name: REPOSITORY.full_name } },
  });

  const onPullRequest = (
    workflow: string,
    action: string,
    { matrix, ...more }: { matrix?: string } & Record<string, unknown> = {},
  ) => {
    const event = { action, number: NUMBER, pull_request: pullRequest(), repository: REPOSITORY };
    return act.run(workflow, "pull_request", { ...event, ...more }, matrix);
  };

  /** Posts what the last run left, as GitHub's event of its end makes it. */
  const report = async (name: string) => {
    const workflow_run = {
      ...{ id: 1, name, event: "pull_request", head_sha: sha, head_branch: "b" },
      head_repository: { id: 1, owner: { login: "team" } },
    };
    succeeded(await act.run("report", "workflow_run", { workflow_run, repository: REPOSITORY }));
    act.dropArtefacts();
    return server.comments.map(({ body }) => body);
  };

  it("opened: shows what would change in each stack that lasts, as comments", async () => {
    for (const stack of ["staging", "prod"]) {
      succeeded(await onPullRequest("preview", "opened", { matrix: `stack:${stack}` }));
    }
    assert.deepStrictEqual(Object.keys(act.artefact("report-staging")), ["staging.md"]);
    const comments = await report("preview");
    assert.strictEqual(comments.length, 2);
    assert.match(comments[0], /^<!-- .*\/staging -->\n\*\*New stack\*\* · stack `staging`/);
    assert.match(comments[1], /^<!-- .*\/prod -->\n\*\*New stack\*\* · stack `prod`/);
  });

  it("opened from a fork: does the same on another machine, and marks the report", async () => {
    const fork = pullRequest("somebody/platform");
    const result = succeeded(
      await onPullRequest("preview", "opened", { matrix: "stack:staging", pull_request: fork }),
    );
    assert.match(result.stdout, /\[preview\/fork/);
    assert.doesNotMatch(result.stdout, /\[preview\/stack/);
    const environment = await onPullRequest("environment", "labeled", {
      pull_request: { ...fork, labels: [{ name: "environment" }] },
    });
    assert.doesNotMatch(environment.stdout, /npm run environment/);
    act.dropArtefacts();
  });

  it("labelled: brings up the environment, and says where it is", async () => {
    state.labels = [{ name: "environment" }];
    succeeded(await onPullRequest("environment", "labeled", { label: state.labels[0] }));
    assert.ok(existsSync(salt()));
    const comments = await report("environment");
    assert.strictEqual(comments.length, 3);
    assert.match(
      comments[2],
      /^<!-- .*\/pr-7 -->\n\*\*Environment up\*\* · stack `pr-7` · machine/,
    );
    assert.match(comments[2], /\| PostgreSQL \| `localhost:\d+` \|/);
  });

  it("closed: takes it down, and says so in the same comment", async () => {
    state.state = "closed";
    succeeded(await onPullRequest("environment", "closed"));
    assert.ok(!existsSync(salt()));
    const comments = await report("environment");
    assert.strictEqual(comments.length, 3);
    assert.match(comments[2], /\n\*\*Environment gone\*\* · stack `pr-7`\n$/);
  });
});

/** Makes the copy a repository, as the reports name its commit. */
async function commit(folder: string): Promise<string> {
  const git = async (...args: string[]) => {
    const author = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
    return succeeded(await run("git", [...author, ...args], { cwd: folder })).stdout.trim();
  };
  await git("init", "--quiet", "--initial-branch", "main");
  await git("add", "--all");
  await git("commit", "--quiet", "--message", "all");
  return git("rev-parse", "HEAD");
}

function succeeded(result: Result): Result {
  const { code, stdout, stderr } = result;
  assert.strictEqual(code, 0, `${stdout}\n${stderr}`);
  return result;
}
