import assert from "node:assert/strict";
import { existsSync } from "node:fs";

import { FakeGitHub } from "../../unit/cli/github/support/server";
import { Act, commitAll, findAct, succeeded } from "../support/act";
import { Checkout } from "../support/checkout";
import { named } from "../support/docker";
import { until } from "../support/running";

const REPOSITORY = { full_name: "team/platform", default_branch: "main" };
const NUMBER = 7;
const STACK = `pr-${NUMBER}`;
/** That of another pull request, which is closed. */
const OTHER = "pr-8";
const KINDS = ["container", "volume", "network"] as const;

describe("The workflows, from opening a pull request to closing it", () => {
  const server = new FakeGitHub();
  let checkout: Checkout;
  let act: Act;
  let sha: string;
  const state = { state: "open", labels: [] as { name: string }[] };

  before(async function () {
    const binary = findAct() ?? this.skip();
    await server.start();
    server.override = (request) =>
      request.startsWith("GET /repos/team/platform/pulls")
        ? { status: 200, body: request.endsWith("/pulls") ? [pullRequest()] : pullRequest() }
        : undefined;
    checkout = new Checkout();
    sha = await commitAll(checkout.root);
    act = new Act(binary, checkout.root, {
      ...{ GITHUB_API_URL: server.url, GITHUB_TOKEN: server.token },
      ...{ GITHUB_REPOSITORY: "team/platform", RUNNER_NAME: "runner-1" },
    });
  });

  after(async () => {
    await server.stop();
    act?.remove();
    await checkout?.cleanUp(STACK, OTHER);
  });

  /** The stack is there as long as this file. */
  const salt = () => checkout.path(".platform", "stacks", `Pulumi.${STACK}.yaml`);

  const objects = async (stack: string) =>
    (await Promise.all(KINDS.map((kind) => named(kind, `learning-platform-${stack}-`)))).flat();

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
    return act.run(workflow, "pull_request", { ...event, ...more }, { matrix });
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
    // The sweep below needs it. Two at once take little longer than one.
    const other = checkout.npmOk("up", ["--stack", OTHER]);
    const labelled = await onPullRequest("environment", "labeled", { label: state.labels[0] });
    await other;
    succeeded(labelled);
    assert.ok(existsSync(salt()));
    const comments = await report("environment");
    assert.strictEqual(comments.length, 3);
    assert.match(
      comments[2],
      /^<!-- .*\/pr-7 -->\n\*\*Environment up\*\* · stack `pr-7` · machine/,
    );
    assert.match(comments[2], /\| PostgreSQL \| `localhost:\d+` \|/);
  });

  it("swept: removes that of a closed pull request which no clean-up met, and leaves this one", async () => {
    const { stdout } = succeeded(await act.run("sweep", "schedule", { repository: REPOSITORY }));
    assert.match(stdout, /\| pr-7 +leave +10 /);
    assert.match(stdout, /\| pr-8 +remove +10 +pull request 8 is not open/);
    assert.deepStrictEqual(await objects(OTHER), []);
    assert.strictEqual((await objects(STACK)).length, 10);
  });

  it("closed: takes it down, and says so in the same comment", async () => {
    state.state = "closed";
    succeeded(await onPullRequest("environment", "closed"));
    assert.ok(!existsSync(salt()));
    const comments = await report("environment");
    assert.strictEqual(comments.length, 3);
    assert.match(comments[2], /\n\*\*Environment gone\*\* · stack `pr-7`\n$/);
  });

  it("closed while its update runs: leaves nothing, and both runs succeed", async () => {
    state.state = "open";
    const up = onPullRequest("environment", "reopened");
    await until(async () => (await objects(STACK)).length > 0);
    state.state = "closed";
    const [first, second] = await Promise.all([up, onPullRequest("environment", "closed")]);
    succeeded(first);
    succeeded(second);
    assert.match(second.stdout, /being changed by "npm run (up|down)".*waiting for it to end/);
    assert.deepStrictEqual(await objects(STACK), []);
    assert.ok(!existsSync(checkout.path(".platform")));
    const comments = await report("environment");
    assert.match(comments[2], /\n\*\*Environment gone\*\* · stack `pr-7`\n$/);
  });
});
