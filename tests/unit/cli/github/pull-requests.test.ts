import assert from "node:assert/strict";

import { openPullRequests } from "../../../../cli/github/pull-requests";
import { FakeGitHub } from "./support/server";

const LIST = "/repos/team/platform/pulls";

describe("the open pull requests of a repository", () => {
  let server: FakeGitHub;
  beforeEach(async () => {
    server = new FakeGitHub();
    await server.start();
  });
  afterEach(() => server.stop());
  const read = () =>
    openPullRequests(
      { url: server.url, token: server.token, wait: async () => undefined },
      "team/platform",
    );

  it("are read from every page", async () => {
    server.override = (_, times) => ({
      status: 200,
      body: [{ number: 10 * times }, { number: 10 * times + 1 }],
      ...(times < 3
        ? { headers: { link: `<${server.url}${LIST}?page=${times + 1}>; rel="next"` } }
        : {}),
    });
    assert.deepStrictEqual([...(await read())], [10, 11, 20, 21, 30, 31]);
  });

  it("are not guessed where one page cannot be read", async () => {
    server.override = (_, times) =>
      times === 1
        ? {
            status: 200,
            body: [{ number: 1 }],
            headers: { link: `<${server.url}${LIST}?page=2>; rel="next"` },
          }
        : { status: 404 };
    await assert.rejects(read(), /404/);
  });

  it("are not read from an answer that is no list of them", async () => {
    server.override = () => ({ status: 200, body: { message: "moved" } });
    await assert.rejects(read(), /is no list of the pull requests of team\/platform/);
  });
});
