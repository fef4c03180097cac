import { readdirSync } from "node:fs";

import { processStat } from "../machine/process-stat";

/** Linux keeps the first 15 characters of a program's name: pulumi-language-nodejs. */
const LANGUAGE_HOST = "pulumi-language";

/**
 * Ends the language hosts that a killed engine left. The host (3.60.0) checks only every five minutes whether its engine
 * lives (pulumi sdk/nodejs/cmd/pulumi-language-nodejs main.go, rpcutil.Healthcheck); plugins notice it at once. Does
 * nothing where the system has no /proc.
 * @param session the engine's process id, because it runs in a session of its own
 */
export function endLanguageHosts(session: number): void {
  for (const pid of processes()) {
    const stat = processStat(pid);
    if (stat?.name === LANGUAGE_HOST && stat.session === session) {
      end(pid);
    }
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It has ended in between.
  }
}

function processes(): number[] {
  try {
    return readdirSync("/proc")
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number);
  } catch {
    return [];
  }
}
