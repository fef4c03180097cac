/** moto, from PyPI: a stand-in of S3. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { run } from "../../../cli/machine/run";

const CACHE = join(homedir(), ".cache", "learning-platform", "moto");
const PACKAGE = "moto[server]==5.2.5";

export interface Moto {
  endpoint: string;
  /** Variables with which clients log in. */
  login: Record<string, string>;
  stop(): Promise<void>;
}

/** @returns a server with an empty bucket; undefined where the package is not to be had */
export async function startMoto(port: number, bucket: string): Promise<Moto | undefined> {
  if (!(await install())) {
    return undefined;
  }
  const args = ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)];
  const env = { ...process.env, PYTHONPATH: CACHE };
  const child = spawn("python3", args, { stdio: "ignore", env });
  const ended = once(child, "close");
  const endpoint = `http://127.0.0.1:${port}`;
  await createBucket(`${endpoint}/${bucket}`);
  return {
    endpoint,
    login: { AWS_ACCESS_KEY_ID: "the-team", AWS_SECRET_ACCESS_KEY: "of-this-test" },
    async stop() {
      child.kill();
      await ended;
    },
  };
}

async function install(): Promise<boolean> {
  if (!existsSync(join(CACHE, "moto"))) {
    await run("python3", ["-m", "pip", "install", "--quiet", "--target", CACHE, PACKAGE]);
  }
  return existsSync(join(CACHE, "moto"));
}

/** Waits for the server, which starts for some seconds. */
async function createBucket(url: string): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    const answer = await fetch(url, { method: "PUT" }).catch(() => undefined);
    if (answer?.ok) {
      return;
    }
    await sleep(500);
  }
  throw new Error(`The S3 server does not answer at ${url}.`);
}
