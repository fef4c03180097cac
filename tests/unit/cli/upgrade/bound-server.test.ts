import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { serverScript } from "../../../../cli/upgrade/bound-server";

/**
 * In place of the image's program: it says what it was given, and goes on until SIGINT, or ends where it is told to. No shell:
 * one that starts with SIGINT ignored, as here, cannot handle it. Node.js does not start so: it ends at a signal that comes
 * before its handler is there.
 */
const ENTRYPOINT = `#!/usr/bin/env node
process.on("SIGINT", () => { console.log("interrupted"); process.exit(0); });
const input = require("node:fs").readFileSync(0).length;
console.log(process.env.POSTGRES_PASSWORD, ...process.argv.slice(2), input);
if (process.env.ENDS_WITH) process.exit(Number(process.env.ENDS_WITH));
setInterval(() => undefined, 1_000);
`;

describe("the server of an upgrade", function () {
  this.timeout(20_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "learning-platform-server-"));
    writeFileSync(join(folder, "docker-entrypoint.sh"), ENTRYPOINT);
    chmodSync(join(folder, "docker-entrypoint.sh"), 0o755);
  });
  after(() => rmSync(folder, { recursive: true }));

  function start(endsWith: string) {
    const PATH = `${folder}${delimiter}${process.env.PATH}`;
    const child = spawn("sh", ["-c", serverScript("echo prepared"), "--", "-c", "fsync=off"], {
      env: { ...process.env, PATH, ENDS_WITH: endsWith },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const run = { printed: "", stdin: child.stdin, ended: once(child, "exit") };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (run.printed += text));
    child.stdin.write("secret\n");
    return run;
  }

  it("ends with the server, also while the command goes on", async () => {
    const { stdin, ended } = start("3");
    assert.deepEqual(await ended, [3, null]);
    stdin.destroy();
  });

  it("stops the server in order once the command has ended, which it serves without an input", async () => {
    const run = start("");
    while (!run.printed.includes("postgres")) {
      await sleep(20);
    }
    run.stdin.end();
    assert.deepEqual(await run.ended, [0, null]);
    assert.equal(run.printed, "prepared\nsecret postgres -c fsync=off 0\ninterrupted\n");
  });
});
