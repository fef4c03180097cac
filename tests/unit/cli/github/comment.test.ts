import assert from "node:assert/strict";

import type { GitHub } from "../../../../cli/github/api";
import { marker, postComment } from "../../../../cli/github/comment";
import { FakeGitHub } from "./support/server";

const PLACE = { repository: "team/platform", pullRequest: 7, stack: "dev" };
const LIST = "/repos/team/platform/issues/7/comments";
const MARK = "<!-- learning-platform:learning-platform/dev -->";

describe("the comment of a stack", () => {
  let server: FakeGitHub;
  /** What was waited for, in milliseconds. */
  let waits: number[];
  let github: GitHub;

  beforeEach(async () => {
    server = new FakeGitHub();
    await server.start();
    waits = [];
    const wait = async (ms: number) => void waits.push(ms);
    github = { url: server.url, token: server.token, wait };
  });
  afterEach(() => server.stop());

  const bodies = () => server.comments.map(({ body, user }) => `${user.login}: ${body}`);
  const count = (line: string) => server.requests.filter((request) => request === line).length;

  it("is created where there is none", async () => {
    server.add("somebody", "hello");
    const posted = await postComment(github, PLACE, "report");
    assert.deepStrictEqual(posted, { action: "created", url: "https://github.example/c/2" });
    assert.deepStrictEqual(bodies(), ["somebody: hello", `reviewer: ${MARK}\nreport`]);
  });

  it("is edited where it is there, on whichever page", async () => {
    ["a", "b", "c", "d"].forEach((text) => server.add("somebody", text));
    server.add("reviewer", `${MARK}\nold`);
    server.add("somebody", "e");
    const posted = await postComment(github, PLACE, "new");
    assert.deepStrictEqual(posted, { action: "edited", url: "https://github.example/c/5" });
    assert.strictEqual(server.comments[4].body, `${MARK}\nnew`);
    assert.strictEqual(server.comments.length, 6);
    assert.strictEqual(count(`GET ${LIST}`), 3);
  });

  it("is none of another author, of another stack, or that quotes it", async () => {
    server.add("attacker", `${MARK}\nold`);
    server.add("reviewer", `> ${MARK}\n> old\n\nI agree.`);
    server.add("reviewer", `${marker("dev2")}\nold`);
    server.add("reviewer", `See ${MARK}`);
    const before = bodies();
    await postComment(github, PLACE, "new");
    assert.deepStrictEqual(bodies(), [...before, `reviewer: ${MARK}\nnew`]);
  });

  it("is that of github-actions[bot] for the token of a workflow, which may not ask who it is", async () => {
    server.login = undefined;
    server.add("reviewer", `${MARK}\nold`);
    server.add("github-actions[bot]", `${MARK}\nold`);
    await postComment(github, PLACE, "new");
    assert.deepStrictEqual(bodies(), [
      `reviewer: ${MARK}\nold`,
      `github-actions[bot]: ${MARK}\nnew`,
    ]);
  });

  it("is that of the author that the caller names, without a question", async () => {
    server.add("our-app[bot]", `${MARK}\nold`);
    await postComment(github, { ...PLACE, author: "our-app[bot]" }, "new");
    assert.deepStrictEqual(bodies(), [`our-app[bot]: ${MARK}\nnew`]);
    assert.strictEqual(count("GET /user"), 0);
  });

  it("names its author where the next run would look for another one", async () => {
    server.login = undefined;
    server.writes = "our-app[bot]";
    const { otherAuthor } = await postComment(github, PLACE, "new");
    assert.strictEqual(otherAuthor, "our-app[bot]");
  });

  it("is created again where somebody deletes it before it is edited", async () => {
    server.add("reviewer", `${MARK}\nold`);
    server.override = (line) => {
      if (line.startsWith("PATCH")) {
        server.comments = [];
      }
      return undefined;
    };
    const posted = await postComment(github, PLACE, "new");
    assert.strictEqual(posted.action, "created");
    assert.deepStrictEqual(bodies(), [`reviewer: ${MARK}\nnew`]);
  });

  for (const [title, failure] of [
    ["answers an error", { status: 502, body: "<html>Bad gateway</html>" }],
    ["hangs up", "hang up"],
  ] as const) {
    it(`is created once where GitHub creates it and then ${title}`, async () => {
      server.afterwards = (line) => (line.startsWith("POST") ? failure : undefined);
      const { action } = await postComment(github, PLACE, "new");
      assert.strictEqual(action, "edited");
      assert.deepStrictEqual(bodies(), [`reviewer: ${MARK}\nnew`]);
      assert.strictEqual(count(`POST ${LIST}`), 1);
    });
  }

  it("is not created where GitHub cannot for a long time", async () => {
    server.override = (line) => (line.startsWith("POST") ? { status: 500 } : undefined);
    await assert.rejects(postComment(github, PLACE, "new"), /POST .*: GitHub answers 500\./);
    assert.strictEqual(count(`POST ${LIST}`), 3);
  });

  it("is refused where it is longer than GitHub allows, without a request", async () => {
    await assert.rejects(
      postComment(github, PLACE, "x".repeat(65_536)),
      /The report has 65536 characters\. With its marker, a comment may have 65536\./,
    );
    assert.deepStrictEqual(server.requests, []);
  });
});
