import assert from "node:assert/strict";

import { userDifferences } from "../../../../cli/drift/redis";

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
