import assert from "node:assert/strict";

import { lastLines, run } from "../../../../cli/machine/run";
import { ROOT } from "../../support/program";

const sh = (script: string, options: Parameters<typeof run>[2] = {}) =>
  run("sh", ["-c", script], options);

describe("a command", () => {
  it("returns its exit code and what it printed on both streams", async () => {
    assert.deepStrictEqual(await sh("echo out; echo err >&2; exit 3"), {
      code: 3,
      stdout: "out\n",
      stderr: "err\n",
    });
  });

  it("returns 127 and the reason where it does not exist", async () => {
    const { code, stdout, stderr } = await run("no-such-command-here", []);
    assert.deepStrictEqual([code, stdout], [127, ""]);
    assert.match(stderr, /no-such-command-here ENOENT/);
  });

  it("passes on each whole line of both streams as it is printed", async () => {
    const lines: string[] = [];
    await sh("printf 'o'; sleep 0.05; printf 'ne\\ntwo\\n'; sleep 0.05; echo three >&2", {
      onLine: (line) => lines.push(line),
    });
    assert.deepStrictEqual(lines, ["one", "two", "three"]);
  });

  it("passes on a last line without a line break", async () => {
    const lines: string[] = [];
    await sh("printf 'one\\ntwo'", { onLine: (line) => lines.push(line) });
    assert.deepStrictEqual(lines, ["one", "two"]);
  });

  it("fails when it exceeds its time limit", async () => {
    const start = Date.now();
    const { code } = await run("sleep", ["10"], { timeoutMs: 100 });
    assert.notStrictEqual(code, 0);
    assert.ok(Date.now() - start < 5_000);
  });

  it("runs in the root of the checkout, with the given environment", async () => {
    const { stdout } = await sh('pwd; echo "$GREETING"', {
      env: { PATH: process.env.PATH, GREETING: "hello" },
    });
    assert.strictEqual(stdout, `${ROOT}\nhello\n`);
  });

  it("is out of reach of Ctrl-C where it must come to its end", async function () {
    if (process.platform !== "linux") {
      this.skip();
    }
    const groupOf = async (options: Parameters<typeof run>[2]) =>
      (await sh('cut -d " " -f 5 /proc/$$/stat', options)).stdout.trim();
    const [own, whole] = [await groupOf({}), await groupOf({ stopBy: "none" })];
    assert.match(whole, /^\d+$/);
    assert.notStrictEqual(whole, own);
  });

  it("reads nothing from the terminal", async () => {
    assert.strictEqual((await sh("cat")).code, 0);
  });

  it("is summarized by its last lines", () => {
    assert.strictEqual(lastLines("a\nb\nc\n\n", 2), "b\nc");
    assert.strictEqual(lastLines("a\n"), "a");
    assert.strictEqual(lastLines("1\n2\n3\n4\n5\n6"), "2\n3\n4\n5\n6");
  });
});
