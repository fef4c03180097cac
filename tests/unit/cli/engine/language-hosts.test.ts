import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { endLanguageHosts } from "../../../../cli/engine/language-hosts";

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("an engine that was killed", () => {
  it("leaves no language host and no plugin, and other engines keep theirs", async function () {
    if (process.platform !== "linux") {
      this.skip();
    }
    const folder = mkdtempSync(path.join(tmpdir(), "hosts-"));
    const program = (name: string) => {
      symlinkSync("/bin/sleep", path.join(folder, name));
      return `${path.join(folder, name)} 30`;
    };
    const host = program("pulumi-language-nodejs");
    const plugin = program("pulumi-resource-random");
    const engine = spawn("sh", ["-c", `${host} & echo $!; ${plugin} & echo $!; wait`], {
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const another = spawn(path.join(folder, "pulumi-language-nodejs"), ["30"]);
    let pids: number[] = [];
    try {
      let printed = "";
      while (printed.split("\n").length < 3) {
        const [text] = (await once(engine.stdout, "data")) as [Buffer];
        printed += text.toString();
      }
      pids = printed.trim().split("\n").map(Number);
      process.kill(engine.pid!, "SIGKILL");
      // The shell has forked; until it runs the program, the name is its own.
      for (let tries = 0; tries < 100 && isAlive(pids[0]); tries++) {
        endLanguageHosts(engine.pid!);
        await sleep(20);
      }
      assert.deepStrictEqual([...pids, another.pid!].map(isAlive), [false, true, true]);
    } finally {
      [...pids, another.pid!].filter(isAlive).forEach((pid) => process.kill(pid));
      rmSync(folder, { recursive: true });
    }
  });
});
