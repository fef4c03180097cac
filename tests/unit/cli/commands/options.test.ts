import assert from "node:assert/strict";

import { type Options, readOptions } from "../../../../cli/commands/options";
import { FaultError } from "../../../../cli/fault";

describe("options of the command line", () => {
  const understood: [args: string, env: NodeJS.ProcessEnv, options: Options][] = [
    ["up", {}, { command: "up", words: [], stack: "dev", offline: "auto", own: {} }],
    ["", {}, { command: "", words: [], stack: "dev", offline: "auto", own: {} }],
    [
      "down --stack pr-7",
      {},
      { command: "down", words: [], stack: "pr-7", offline: "auto", own: {} },
    ],
    [
      "--offline=never up",
      {},
      { command: "up", words: [], stack: "dev", offline: "never", own: {} },
    ],
    [
      "up",
      { PULUMI_STACK: "staging", LEARNING_PLATFORM_OFFLINE: "always" },
      { command: "up", words: [], stack: "staging", offline: "always", own: {} },
    ],
    [
      "up --stack dev --offline auto",
      { PULUMI_STACK: "staging", LEARNING_PLATFORM_OFFLINE: "always" },
      { command: "up", words: [], stack: "dev", offline: "auto", own: {} },
    ],
    [
      "migrations repair user_service_db --accept a.sql --accept b.sql --accept-drift --yes",
      {},
      {
        command: "migrations",
        words: ["repair", "user_service_db"],
        stack: "dev",
        offline: "auto",
        own: { accept: ["a.sql", "b.sql"], "accept-drift": true, yes: true },
      },
    ],
  ];
  for (const [args, env, options] of understood) {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value} `);
    it(`"${variables.join("")}${args}" is ${JSON.stringify(options)}`, () => {
      assert.deepStrictEqual(readOptions(args.split(" ").filter(Boolean), env), options);
    });
  }

  const refused: [title: string, args: string[], env: NodeJS.ProcessEnv, faults: RegExp[]][] = [
    [
      "an unknown way to be offline",
      ["up", "--offline", "sometimes"],
      {},
      [/^--offline .* is one of auto, always, never, not sometimes\.$/],
    ],
    [
      "an unknown way to be offline in the environment",
      ["up"],
      { LEARNING_PLATFORM_OFFLINE: "1" },
      [/LEARNING_PLATFORM_OFFLINE.* not 1\.$/],
    ],
    ["a stack with a path in its name", ["up", "--stack", "../x"], {}, [/^--stack .* not \.\.\/x/]],
    ["an empty stack", ["up", "--stack="], {}, [/^--stack is 1 to 100 letters/]],
    ["a second command", ["up", "down", "now"], {}, [/^Not understood: down now\.$/]],
    ["another command's option", ["up", "--yes"], {}, [/^Not an option of up: --yes\.$/]],
    ["an unknown option", ["up", "--force"], {}, [/--force/]],
    [
      "several faults at once",
      ["up", "down", "--stack", "a b", "--offline", "x"],
      {},
      [/^--offline/, /^--stack/, /^Not understood/],
    ],
  ];
  for (const [title, args, env, faults] of refused) {
    it(`refuses ${title}`, () => {
      assert.throws(
        () => readOptions(args, env),
        (error) => {
          assert.ok(error instanceof FaultError);
          assert.strictEqual(error.faults.length, faults.length, error.message);
          faults.forEach((fault, index) => assert.match(error.faults[index], fault));
          return true;
        },
      );
    });
  }
});
