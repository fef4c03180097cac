import assert from "node:assert/strict";

import { ask, type GitHub, GitHubError } from "../../../../cli/github/api";
import { closedPort } from "../../support/ports";
import { FakeGitHub, type Override } from "./support/server";

describe("a request to GitHub", () => {
  let server: FakeGitHub;
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

  const first = (answer: ReturnType<Override>): Override => {
    return (_, times) => (times === 1 ? answer : undefined);
  };
  const user = () => ask(github, "GET", "/user");

  const limits: [title: string, answer: ReturnType<Override>, wait: number][] = [
    ["429 with retry-after", { status: 429, headers: { "retry-after": "7" } }, 7_000],
    ["403 with retry-after", { status: 403, headers: { "retry-after": "0" } }, 0],
    ["429 alone", { status: 429 }, 60_000],
    [
      "403 of a secondary limit",
      { status: 403, body: { message: "You have exceeded a secondary rate limit" } },
      60_000,
    ],
    ["500", { status: 500 }, 1_000],
    ["no answer", "hang up", 1_000],
  ];
  for (const [title, answer, wait] of limits) {
    it(`is repeated after ${title}`, async () => {
      server.override = first(answer);
      assert.deepStrictEqual((await user()).body, { login: "reviewer" });
      assert.deepStrictEqual(waits, [wait]);
    });
  }

  it("is repeated after the time at which a used-up limit ends", async () => {
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1120" };
    server.override = first({ status: 403, headers });
    await ask({ ...github, now: () => 1_000_000 }, "GET", "/user");
    assert.deepStrictEqual(waits, [121_000]);
  });

  it("fails at once where the limit ends much later", async () => {
    server.override = first({ status: 429, headers: { "retry-after": "3600" } });
    await assert.rejects(user(), /GitHub answers 429\. It asks to wait 60 minutes\./);
    assert.deepStrictEqual([waits, server.requests.length], [[], 1]);
  });

  it("fails after five tries, each after a longer pause", async () => {
    server.override = () => ({ status: 503 });
    await assert.rejects(user(), /GET \/user: GitHub answers 503\./);
    assert.deepStrictEqual([waits, server.requests.length], [[1_000, 2_000, 4_000, 8_000], 5]);
  });

  it("that creates something is repeated only where GitHub refused it", async () => {
    const create = () =>
      ask(github, "POST", "/repos/team/platform/issues/7/comments", { body: "" });
    server.override = first({ status: 429, headers: { "retry-after": "1" } });
    await create();
    assert.strictEqual(server.comments.length, 1);
    server.override = () => ({ status: 500 });
    await assert.rejects(create(), (error) => error instanceof GitHubError && error.isUnclear);
    assert.deepStrictEqual(waits, [1_000]);
  });

  const final: [answer: ReturnType<Override>, message: RegExp][] = [
    [
      { status: 403, body: { message: "Resource not accessible by integration" } },
      /GitHub answers 403 \(Resource not accessible by integration\)\. .*pull-requests: write/,
    ],
    [{ status: 404, body: { message: "Not Found" } }, /404 \(Not Found\)\. Either there is no/],
    [
      { status: 422, body: { message: "Validation Failed", errors: [{ message: "too long" }] } },
      /422 \(Validation Failed: too long\)\./,
    ],
  ];
  for (const [answer, message] of final) {
    it(`fails at once with ${message.source}`, async () => {
      server.override = () => answer;
      await assert.rejects(user(), message);
      assert.deepStrictEqual(waits, []);
    });
  }

  it("says that the token is not valid", async () => {
    await assert.rejects(
      ask({ ...github, token: "wrong" }, "GET", "/user"),
      /401 \(Bad credentials\)\. The token in GITHUB_TOKEN is not valid\./,
    );
  });

  it("never shows the token, even if the server does", async () => {
    server.override = () => ({ status: 400, body: { message: `bad ${server.token}` } });
    await assert.rejects(user(), { message: "- GET /user: GitHub answers 400 (bad ***)." });
    const broken = { ...github, token: "a\nb" };
    await assert.rejects(
      ask(broken, "GET", "/user"),
      (error: Error) => !/a\nb/.test(error.message),
    );
  });

  it("names a server that does not answer", async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    await assert.rejects(ask({ ...github, url }, "GET", "/user"), {
      message: `- ${url} does not answer: ECONNREFUSED.`,
    });
  });

  it("sends the token to no other server", async () => {
    await assert.rejects(
      ask(github, "GET", "http://127.0.0.1:1/user?page=2"),
      /continues a list on another server/,
    );
    assert.deepStrictEqual(server.requests, []);
  });

  it("follows an API below a path", async () => {
    const below = { ...github, url: `${server.url}/api/v3` };
    await assert.rejects(ask(below, "GET", "/user"), /GET \/api\/v3\/user: GitHub answers 404/);
  });
});
