import assert from "node:assert/strict";

import {
  findPullRequest,
  readPullRequest,
  type WorkflowRun,
} from "../../../../cli/github/pull-request";
import { FakeGitHub } from "./support/server";

const RUN: WorkflowRun = {
  ...{ event: "pull_request", head_sha: "abc", head_branch: "feature/a&b" },
  head_repository: { owner: { login: "somebody" } },
};

const pull = (number: number, more: Record<string, unknown> = {}) => ({
  ...{ number, state: "open", labels: [{ name: "environment" }] },
  head: { sha: "abc", repo: { full_name: "team/platform" } },
  base: { repo: { full_name: "team/platform" } },
  ...more,
});

describe("a pull request", () => {
  const server = new FakeGitHub();
  let pulls: unknown[] = [];

  before(async () => {
    await server.start();
    server.override = (request) =>
      request === "GET /repos/team/platform/pulls"
        ? { status: 200, body: pulls }
        : { status: 200, body: pulls[0] };
  });
  after(() => server.stop());

  const github = () => ({ url: server.url, token: server.token });
  const find = (run: Partial<WorkflowRun> = {}) =>
    findPullRequest(github(), "team/platform", { ...RUN, ...run });

  it("is read as GitHub says it now", async () => {
    pulls = [pull(7, { state: "closed" })];
    assert.deepStrictEqual(await readPullRequest(github(), "team/platform", 7), {
      ...{ number: 7, isOpen: false, labels: ["environment"], isOwnBranch: true, commit: "abc" },
    });
    assert.strictEqual(server.requests.at(-1), "GET /repos/team/platform/pulls/7");
  });

  it("of a fork, or of a fork that is gone, is not one of the repository's own", async () => {
    for (const repo of [{ full_name: "somebody/platform" }, null]) {
      pulls = [pull(7, { head: { sha: "abc", repo } })];
      assert.strictEqual((await find())?.isOwnBranch, false);
    }
  });

  it("is found by the branch of a run, while the branch has the run's commit", async () => {
    pulls = [pull(7), pull(8, { head: { sha: "later", repo: null } })];
    assert.strictEqual((await find())?.number, 7);
    assert.strictEqual(await find({ head_sha: "earlier" }), undefined);
  });

  it("that is open counts before a closed one, which counts where there is no other", async () => {
    pulls = [pull(7, { state: "closed" }), pull(8)];
    assert.strictEqual((await find())?.number, 8);
    pulls = [pull(7, { state: "closed" })];
    assert.strictEqual((await find())?.number, 7);
  });

  it("is not guessed where two have the commit, or the event is another one", async () => {
    pulls = [pull(7), pull(8)];
    await assert.rejects(find(), /More than one pull request has commit abc: 7, 8\./);
    await assert.rejects(find({ event: "push" }), /not about a run for a branch/);
    await assert.rejects(find({ head_repository: null }), /not about a run for a branch/);
  });
});
