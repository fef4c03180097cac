/** The schema registry of the stand-in for Redpanda, alone on this machine. */
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";

import { ROOT } from "../../unit/support/program";
import { LOGIN, type RunningRegistry, stopped } from "./running";

export const hasPython = () => spawnSync("python3", ["--version"]).status === 0;

export async function startStandIn(): Promise<RunningRegistry> {
  const script = `${ROOT}/tests/support/registries/stand-in.py`;
  const args = ["-B", script, `${ROOT}/offline/images/redpanda`, LOGIN.username, LOGIN.password];
  const child = spawn("python3", args, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const port of createInterface(child.stdout)) {
    return {
      name: "the stand-in for Redpanda",
      url: `http://127.0.0.1:${port}`,
      stop: () => stopped(child),
    };
  }
  throw new Error("The stand-in's registry did not start.");
}
