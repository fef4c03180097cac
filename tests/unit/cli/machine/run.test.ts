import assert from "node:assert/strict";

import { lastLines, run } from "../../../../cli/machine/run";
import { ROOT } from "../../support/program";

const sh = (script: string, options: Parameters<typeof run>[2] = {}) =>
  run("sh", ["-c", script], options);

describe("a command that is run", () => {
  it("hands over its exit code and what it printed on either stream", async () => {
    assert.deepStrictEqual(await sh("echo out; echo err >&2; exit 3"), {
      code: 3,
      stdout: "out\n",
      stderr: "err\n",
    });
  });

  it("gives 127 and says so where there is no such command", async () => {
    const { code, stdout, stderr } = await run("no-such-command-here", []);
    assert.deepStrictEqual([code, stdout], [127, ""]);
    assert.match(stderr, /no-such-command-here ENOENT/);
  });

  it("hands over each line as it comes, whole, from both streams", async () => {
    const lines: string[] = [];
    await sh("printf 'o'; sleep 0.05; printf 'ne\\ntwo\\n'; sleep 0.05; echo three >&2", {
      onLine: (line) => lines.push(line),
    });
    assert.deepStrictEqual(lines, ["one", "two", "three"]);
  });

  it("hands over a last line that does not end", async () => {
    const lines: string[] = [];
    await sh("printf 'one\\ntwo'", { onLine: (line) => lines.push(line) });
    assert.deepStrictEqual(lines, ["one", "two"]);
  });

  it("fails when it is ended for taking too long", async () => {
    const start = Date.now();
    const { code } = await run("sleep", ["10"], { timeoutMs: 100 });
    assert.notStrictEqual(code, 0);
    assert.ok(Date.now() - start < 5_000);
  });

  it("runs at the root of the checkout, with the environment that it is given", async () => {
    const { stdout } = await sh('pwd; echo "$GREETING"', {
      env: { PATH: process.env.PATH, GREETING: "hello" },
    });
    assert.strictEqual(stdout, `${ROOT}\nhello\n`);
  });

  it("reads nothing from the terminal", async () => {
    assert.strictEqual((await sh("cat")).code, 0);
  });

  it("is told about by its last lines", () => {
    assert.strictEqual(lastLines("a\nb\nc\n\n", 2), "b\nc");
    assert.strictEqual(lastLines("a\n"), "a");
    assert.strictEqual(lastLines("1\n2\n3\n4\n5\n6"), "2\n3\n4\n5\n6");
  });
});
