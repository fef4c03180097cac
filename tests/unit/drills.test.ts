import assert from "node:assert/strict";

import { parseDrills } from "../support/drills";

const KNOWN = ["chaos", "deploy"];

describe("The arguments of npm run drills", () => {
  it("choose drills by name, and all of them where none is named", () => {
    assert.deepEqual(parseDrills([], KNOWN), { names: KNOWN, environment: {} });
    assert.deepEqual(parseDrills(["deploy"], KNOWN).names, ["deploy"]);
  });

  it("are passed on to the drill that they are for", () => {
    assert.deepEqual(parseDrills(["chaos", "--minutes", "0.5", "--seed", "7"], KNOWN), {
      names: ["chaos"],
      environment: { CHAOS_MINUTES: "0.5", CHAOS_SEED: "7" },
    });
  });

  it("give the stack further settings", () => {
    const args = ["chaos", "--set", "brokers=3", "--set", "redisSessionReplica=true"];
    assert.deepEqual(parseDrills(args, KNOWN).environment, {
      CHAOS_SETTINGS:
        "  learning-platform:brokers: 3\n  learning-platform:redisSessionReplica: true\n",
    });
  });

  const refused: [string[], RegExp][] = [
    [["chaso"], /^There are the drills chaos, deploy, not chaso\.$/],
    [["deploy", "--seed", "7"], /^--seed is for the drill chaos\.$/],
    [["--minutes", "0"], /^--minutes is not a number that can be used: 0$/],
    [["--minutes", "ten"], /^--minutes is not a number/],
    [["--minutes="], /^--minutes is not a number/],
    [["--seed", "1.5"], /^--seed is not a number/],
    [["--set", "brokers"], /^--set takes a key and a value, brokers=3, not brokers$/],
    [["--speed", "2"], /--speed/],
  ];
  for (const [args, message] of refused) {
    it(`are refused: ${args.join(" ")}`, () => {
      assert.throws(() => parseDrills(args, KNOWN), { message });
    });
  }
});
