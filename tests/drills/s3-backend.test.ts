/**
 * The tests of a shared backend on an S3 server: moto, from PyPI. It is a stand-in of S3. SeaweedFS 4 was tried: it lists a
 * folder that is empty again as an object, which the engine (3.259.0) then reads as the lock of another run, and fails.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { run } from "../../cli/machine/run";
import { describeSharedBackend } from "../e2e/support/shared-backend";

const CACHE = join(homedir(), ".cache", "learning-platform", "moto");
const PACKAGE = "moto[server]==5.2.5";
const KEYS = { AWS_ACCESS_KEY_ID: "the-team", AWS_SECRET_ACCESS_KEY: "of-this-test" };
const PORT = 28_340;
const ENDPOINT = `http://127.0.0.1:${PORT}`;
const BUCKET = "state";

describeSharedBackend("an S3 bucket", async () => {
  if (!(await install())) {
    return undefined;
  }
  const args = ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(PORT)];
  const env = { ...process.env, PYTHONPATH: CACHE };
  const child = spawn("python3", args, { stdio: "ignore", env });
  const ended = once(child, "close");
  await createBucket();
  const query = "region=us-east-1&use_path_style=true&disable_https=true";
  return {
    env: { ...KEYS, PULUMI_BACKEND_URL: `s3://${BUCKET}?endpoint=${ENDPOINT}&${query}` },
    remove: async () => {
      child.kill();
      await ended;
    },
  };
});

/** @returns whether the package is to be had */
async function install(): Promise<boolean> {
  if (!existsSync(join(CACHE, "moto"))) {
    await run("python3", ["-m", "pip", "install", "--quiet", "--target", CACHE, PACKAGE]);
  }
  return existsSync(join(CACHE, "moto"));
}

/** Waits for the server, which starts for some seconds. */
async function createBucket(): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    const answer = await fetch(`${ENDPOINT}/${BUCKET}`, { method: "PUT" }).catch(() => undefined);
    if (answer?.ok) {
      return;
    }
    await sleep(500);
  }
  throw new Error(`The S3 server does not answer at ${ENDPOINT}.`);
}
