import assert from "node:assert/strict";

import { Command } from "commander";

import {
  collect,
  offlineOption,
  readOffline,
  stackOption,
  type StackOptions,
} from "../../../cli/options";
import { refuses } from "./support/command";
import { withEnvironment } from "./support/environment";

const command = () =>
  new Command("up").addOption(stackOption()).addOption(offlineOption()).exitOverride();

const NONE = { PULUMI_STACK: undefined, LEARNING_PLATFORM_OFFLINE: undefined };

describe("the options of the command line", () => {
  const understood: [args: string, env: Record<string, string>, options: StackOptions][] = [
    ["", {}, { stack: "dev", offline: "auto" }],
    ["--stack pr-7", {}, { stack: "pr-7", offline: "auto" }],
    ["--offline=never", {}, { stack: "dev", offline: "never" }],
    [
      "",
      { PULUMI_STACK: "staging", LEARNING_PLATFORM_OFFLINE: "always" },
      { stack: "staging", offline: "always" },
    ],
    [
      "--stack dev --offline auto",
      { PULUMI_STACK: "staging", LEARNING_PLATFORM_OFFLINE: "always" },
      { stack: "dev", offline: "auto" },
    ],
  ];
  for (const [args, env, options] of understood) {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value} `);
    it(`"${variables.join("")}${args}" mean ${JSON.stringify(options)}`, () =>
      withEnvironment({ ...NONE, ...env }, () => {
        const parsed = command().parse(args.split(" ").filter(Boolean), { from: "user" });
        assert.deepStrictEqual(parsed.opts(), options);
      }));
  }

  const refused: [title: string, args: string[], env: Record<string, string>, message: RegExp][] = [
    [
      "an unknown offline mode",
      ["--offline", "sometimes"],
      {},
      /--offline .*'sometimes' is invalid\. Allowed choices are auto, always, never\./,
    ],
    [
      "an unknown offline mode in the environment",
      [],
      { LEARNING_PLATFORM_OFFLINE: "1" },
      /--offline .*'1' from env 'LEARNING_PLATFORM_OFFLINE' is invalid/,
    ],
    [
      "a path as a stack",
      ["--stack", "../x"],
      {},
      /--stack .*'\.\.\/x' is invalid\. Expected 1 to 100/,
    ],
    ["a path as a stack in the environment", [], { PULUMI_STACK: "../x" }, /'PULUMI_STACK'/],
    ["an empty stack", ["--stack="], {}, /--stack .* Expected 1 to 100 letters/],
    ["a second command", ["down"], {}, /too many arguments/],
    ["an option of another command", ["--yes"], {}, /unknown option '--yes'/],
    [
      "a misspelt option, with a suggestion",
      ["--ofline"],
      {},
      /--ofline'\n\(Did you mean --offline\?\)/,
    ],
  ];
  for (const [title, args, env, message] of refused) {
    it(`refuse ${title}`, () =>
      withEnvironment({ ...NONE, ...env }, () => refuses(command(), args, message)));
  }

  it("may be repeated where they collect files", () => {
    const parsed = new Command().option("--accept <file>", "", collect);
    parsed.parse(["--accept", "a.sql", "--accept", "b.sql"], { from: "user" });
    assert.deepStrictEqual(parsed.opts(), { accept: ["a.sql", "b.sql"] });
  });

  it("are read from the environment for runs without a command line", () =>
    withEnvironment({ LEARNING_PLATFORM_OFFLINE: "never" }, () =>
      assert.strictEqual(readOffline(), "never"),
    ));
});
