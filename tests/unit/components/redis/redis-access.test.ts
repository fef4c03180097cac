import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

import { accessString } from "../../../../components/redis/redis-access";
import { ROOT } from "../../support/program";

/** Commands that ElastiCache forbids to name (AWS' page "Restricted commands"). */
const FORBIDDEN = [
  ...["bgrewriteaof", "bgsave", "config", "debug", "migrate", "replicaof", "save", "slaveof"],
  ...["shutdown", "sync"],
];

describe("the access string of a service's Redis user", () => {
  const text = accessString("pr-7-user-service");
  const words = text.split(" ");

  it("begins with on, without which ElastiCache makes a user that is off, and with the user's keys", () => {
    assert.match(
      text,
      /^on ~pr-7-user-service:\* &pr-7-user-service:\* \+@all -@admin -@dangerous /,
    );
  });

  it("has neither a password nor reset", () => {
    assert.ok(!words.some((word) => /^[#><!]|pass|^reset/.test(word)), text);
  });

  it("names no command that ElastiCache forbids, nor a subcommand that is called so", () => {
    const named = words
      .filter((word) => /^[+-][a-z]/.test(word))
      .flatMap((word) => word.slice(1).split("|"));
    assert.deepStrictEqual(
      named.filter((name) => FORBIDDEN.includes(name)),
      [],
    );
    assert.ok(named.includes("client"), "the names were read");
  });

  it("is in the documentation", () => {
    const page = readFileSync(path.join(ROOT, "docs/existing-servers.md"), "utf8");
    assert.ok(page.includes(accessString("<service>")));
  });
});
