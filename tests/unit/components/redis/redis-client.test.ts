import assert from "node:assert/strict";

import { describeUser, inFixedOrder, sha256 } from "../../../../components/redis/redis-client";

describe("how a Redis user is described", () => {
  const user = { username: "user-service", password: "two" };
  const fields = { passwords: [sha256("two")], commands: "+@all -set -get", keys: "~x:*" };

  it("is the same in both versions of the protocol, of which one answers a list and one an object", async () => {
    const expected = JSON.stringify({
      ...{ passwords: "as set", commands: "+@all -get -set", keys: "~x:*" },
    });
    assert.strictEqual(await describeUser(async () => fields, user), expected);
    assert.strictEqual(
      await describeUser(async () => Object.entries(fields).flat(), user),
      expected,
    );
  });

  it("tells another password, and a further one, from the one that was set", async () => {
    for (const passwords of [[], [sha256("three")], [sha256("two"), sha256("three")]]) {
      const text = await describeUser(async () => ({ ...fields, passwords }), user);
      assert.strictEqual((JSON.parse(text!) as typeof fields).passwords, "other");
    }
  });

  it("is undefined of a user that is not there", async () => {
    assert.strictEqual(await describeUser(async () => null, user), undefined);
  });

  const orders: [title: string, rules: string, expected: string][] = [
    ["sorts single commands", "+@all -scan -dbsize +get", "+@all -dbsize +get -scan"],
    [
      "leaves a command before its subcommands",
      "-@all -memory +memory|usage -keys",
      "-@all -keys -memory +memory|usage",
    ],
    [
      "leaves categories where they are",
      "-get +@all -set -@admin -a",
      "-get +@all -set -@admin -a",
    ],
  ];
  for (const [title, rules, expected] of orders) {
    it(title, () => {
      assert.strictEqual(inFixedOrder(rules), expected);
    });
  }
});
