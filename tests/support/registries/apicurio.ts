/** Apicurio Registry, a schema registry that is real, on this machine. */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { closedPort } from "../../unit/support/ports";
import type { RunningRegistry } from "./running";
import { stopped, untilAnswers } from "./running";

const run = promisify(execFile);

const VERSION = "2.6.13.Final";
const ARTIFACT = `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`;
const JAR = `apicurio-registry-app-${VERSION}-runner.jar`;

/** Downloads it once, 142 MB, and starts it with an empty store in memory. It has no logins here: it lets everybody in. */
export async function startApicurio(): Promise<RunningRegistry> {
  const folder = await unpacked();
  const port = await closedPort();
  const options = ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
  const child = spawn("java", [...options, "-jar", JAR], {
    cwd: folder,
    stdio: "ignore",
    env: { ...process.env, QUARKUS_HTTP_PORT: String(port), QUARKUS_HTTP_HOST: "127.0.0.1" },
  });
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  await untilAnswers(`${url}/subjects`);
  return { name: "Apicurio", url, stop: () => stopped(child) };
}

async function unpacked(): Promise<string> {
  const cache = path.join(
    process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"),
    "learning-platform",
  );
  const folder = path.join(cache, `apicurio-${VERSION}`);
  if (existsSync(folder)) {
    return folder;
  }
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(path.join(cache, "apicurio-"));
  try {
    const copy = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy";
    const args = [
      "--quiet",
      "--batch-mode",
      copy,
      `-Dartifact=${ARTIFACT}`,
      `-DoutputDirectory=${work}`,
    ];
    await run("mvn", args, { cwd: work });
    const archive = `apicurio-registry-app-${VERSION}-all.tar.gz`;
    await run("tar", ["xzf", archive], { cwd: work });
    rmSync(path.join(work, archive));
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}
