import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { run } from "../../../cli/machine/run";
import { closedPort } from "../../unit/support/ports";

export const LOGIN = { username: "reader", password: "of-the-mirror" };
/** `htpasswd -nbB` of the login: the registry takes bcrypt alone. */
const HTPASSWD = "$2y$05$S3tjxa7nX06rGa7WAFIW1OV5kFjDgpMc56T5bew8F1iYBSq903Dku";
const CACHE = join(homedir(), ".cache", "learning-platform", "docker-registry");

/** A container registry on the loopback address that asks for a login. */
export interface Registry {
  /** host:port */
  address: string;
  stop(): Promise<void>;
}

/** @returns undefined where Debian's docker-registry is not to be had */
export async function startRegistry(): Promise<Registry | undefined> {
  const binary = await findBinary();
  if (binary === undefined) {
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "learning-platform-registry-"));
  const port = await closedPort();
  const address = `127.0.0.1:${port}`;
  writeFileSync(join(folder, "htpasswd"), `${LOGIN.username}:${HTPASSWD}\n`);
  const config = {
    version: "0.1",
    log: { level: "error" },
    storage: { filesystem: { rootdirectory: join(folder, "images") } },
    http: { addr: address },
    auth: { htpasswd: { realm: "mirror", path: join(folder, "htpasswd") } },
  };
  // JSON is YAML as well.
  writeFileSync(join(folder, "config.yml"), JSON.stringify(config));
  const child = spawn(binary, ["serve", join(folder, "config.yml")], { stdio: "ignore" });
  const ended = once(child, "close");
  for (let tries = 0; tries < 100 && !(await answers(address)); tries++) {
    await sleep(100);
  }
  return {
    address,
    stop: async () => {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The package's files are unpacked, not installed: its service would start with the machine. */
async function findBinary(): Promise<string | undefined> {
  const binary = join(CACHE, "usr", "bin", "docker-registry");
  if (!existsSync(binary)) {
    mkdirSync(CACHE, { recursive: true });
    await run("apt-get", ["download", "docker-registry"], { cwd: CACHE });
    for (const file of readdirSync(CACHE).filter((name) => name.endsWith(".deb"))) {
      await run("dpkg", ["-x", file, "."], { cwd: CACHE });
      rmSync(join(CACHE, file));
    }
  }
  return existsSync(binary) ? binary : undefined;
}

const answers = (address: string) =>
  fetch(`http://${address}/v2/`).then(
    ({ status }) => status === 401,
    () => false,
  );
