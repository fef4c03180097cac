import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

import { ROOT } from "../../support/program";

/** Which SDKs of providers are loaded after each piece of code, which runs in a process of its own. */
function sdksAfter(...code: string[]): string[][] {
  const script = `
    const loaded = () => [...new Set(Object.keys(require.cache).flatMap(
      (file) => /node_modules.@pulumi.(docker|kafka|postgresql|random).(?!package.json)/.exec(file)?.[1] ?? []))].sort();
    const found = [];
    ${code.map((line) => `${line}; found.push(loaded());`).join("\n")}
    console.log(JSON.stringify(found));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--require", "tsx/cjs", "-e", script], {
    cwd: ROOT,
    encoding: "utf8",
  });
  assert.strictEqual(stderr, "");
  return JSON.parse(stdout) as string[][];
}

describe("the program in the cli", function () {
  this.timeout(60_000);

  it("is loaded by no command before it is needed, with the SDKs of all providers", () => {
    const [commands, program] = sdksAfter(
      'for (const name of ["up", "preview", "down", "rotate", "setup", "migrations"]) require(`./cli/commands/${name}`)',
      'require("./cli/engine/program").loadProgram()',
    );
    assert.deepStrictEqual(commands, []);
    assert.deepStrictEqual(program, ["docker", "kafka", "postgresql", "random"]);
  });
});
