import assert from "node:assert/strict";

import { checkRedis, userDifferences } from "../../../../cli/drift/redis";
import { TYPES } from "../../../../cli/resource-types";
import { FakeRedis } from "../../support/redis";

describe("drift of a Redis user", () => {
  const applied = JSON.stringify({
    flags: ["on"],
    passwords: "as set",
    commands: "-@all +get +set",
    keys: "~x:*",
    selectors: [],
  });
  const now = (more: Record<string, unknown>) =>
    JSON.stringify({ ...(JSON.parse(applied) as object), ...more });

  const cases: [title: string, found: string | undefined, ...differences: string[]][] = [
    ["none", applied],
    ["a missing user", undefined, "missing"],
    ["another password", now({ passwords: "other" }), "its password is not the stack's"],
    ["a disabled user", now({ flags: ["off"] }), "flags: off was added, on is missing"],
    [
      "other commands and keys, each by name",
      now({ commands: "-@all +get +flushall", keys: "~x:* ~y:*" }),
      "commands: +flushall was added, +set is missing",
      "keys: ~y:* was added",
    ],
    ["another order", now({ commands: "+get +set -@all" }), "commands: in another order"],
    [
      "another selector",
      now({ selectors: [["commands", "+@all"]] }),
      'selectors: ["commands","+@all"] was added',
    ],
  ];
  for (const [title, found, ...differences] of cases) {
    it(`is ${title}`, () => {
      assert.deepStrictEqual(userDifferences(applied, found), differences);
    });
  }
});

describe("the check of Redis users", function () {
  // The first to speak to a server loads the client.
  this.timeout(10_000);

  const server = new FakeRedis();
  before(() => server.listen());
  after(() => server.close());

  it("gives up on a server that accepts and stays silent: that is no drift", async () => {
    server.answer = () => "";
    const state = {
      ...{ host: "127.0.0.1", port: server.port, username: "a-service", password: "x" },
      ...{ adminUsername: "admin", adminPassword: "x" },
    };
    const user = {
      ...{ type: TYPES.redisUser, urn: "urn", id: "id", protect: false, isLeftover: false },
      ...{ inputs: state, outputs: state },
    };
    assert.deepStrictEqual(await checkRedis([user], 300), {
      found: [],
      unanswered: [`Redis at 127.0.0.1:${server.port}`],
    });
  });
});
