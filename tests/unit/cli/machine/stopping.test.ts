import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ROOT } from "../../support/program";

/** Ends half a second after its first SIGINT, as the engine ends its running steps, and counts signals. */
const ENGINE = `
  trap 'n=$((n+1)); echo INT' INT
  trap 'echo other' TERM HUP
  echo ready
  while [ "$n" = "" ]; do sleep 0.1; done
  sleep 0.5; echo "ended after $n"; exit 8`;

const PROGRAM = `
  require(${JSON.stringify(require.resolve("tsx/cjs"))});
  const { killRunning, run } = require(${JSON.stringify(path.join(ROOT, "cli/machine/run.ts"))});
  const { codeOf, stopOnSignals, stopping } = require(${JSON.stringify(path.join(ROOT, "cli/machine/stopping.ts"))});
  stopOnSignals(killRunning);
  const options = { stopBy: "SIGINT", ownGroup: true, onLine: (line) => console.log(line) };
  run("sh", ["-c", process.env.ENGINE], options)
    .then(() => run("echo", ["next step"], { onLine: (line) => console.log(line) }))
    .catch((error) => { console.log(error.message); process.exitCode = codeOf(stopping.reason); });
`;

/** Runs the program in a group of its own, and hands over the group's number once the engine is at work. */
async function stopped(engine: string, act: (group: number) => Promise<void> | void) {
  const child = spawn(process.execPath, ["-e", PROGRAM], {
    detached: true,
    env: { ...process.env, ENGINE: engine },
    stdio: ["ignore", "pipe", "ignore"],
  });
  let printed = "";
  child.stdout.on("data", (text: Buffer) => (printed += text.toString()));
  await once(child.stdout, "data");
  await act(child.pid!);
  const [code] = (await once(child, "close")) as [number];
  return { code, printed };
}

describe("a run that is stopped", () => {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    it(`by ${signal} to its process group sends the engine one SIGINT, lets it end, and begins no further step`, async () => {
      const result = await stopped(ENGINE, async (group) => {
        process.kill(-group, signal);
        // npm passes on the signal that the terminal has sent to both.
        await sleep(100);
        process.kill(group, signal);
      });
      assert.deepStrictEqual(result, {
        code,
        printed: `ready\nINT\nended after 1\n- Stopped by ${signal}.\n`,
      });
    });
  }

  it("by a SIGTERM to npm, whose shell does not pass it on, sends the engine one SIGINT", async () => {
    const child = spawn("sh", ["-c", `"${process.execPath}" -e "$PROGRAM"; true`], {
      env: { ...process.env, ENGINE, PROGRAM, npm_lifecycle_event: "up" },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let printed = "";
    child.stdout.on("data", (text: Buffer) => (printed += text.toString()));
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    await once(child.stdout, "close");
    assert.strictEqual(printed, "ready\nINT\nended after 1\n- Stopped by SIGTERM.\n");
  });

  it("ends at once after a second signal", async () => {
    const start = Date.now();
    const { code, printed } = await stopped(
      `trap '' INT TERM; echo ready; exec sleep 30`,
      async (group) => {
        process.kill(group, "SIGTERM");
        await sleep(1_200);
        process.kill(group, "SIGTERM");
      },
    );
    assert.deepStrictEqual([code, printed], [143, "ready\n"]);
    assert.ok(Date.now() - start < 15_000);
  }).timeout(20_000);
});
