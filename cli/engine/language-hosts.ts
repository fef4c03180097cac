import { readdirSync } from "node:fs";

import { processStat } from "../machine/process-stat";

/** Linux keeps the first 15 characters of a program's name: pulumi-language-nodejs. */
const LANGUAGE_HOST = "pulumi-language";

/**
 * Ends the language hosts that a killed engine left. The host (3.60.0) asks after its engine every five minutes alone
 * (pulumi sdk/nodejs/cmd/pulumi-language-nodejs main.go, rpcutil.Healthcheck); plugins see for themselves that
 * it is gone. Without effect where the system does not list processes in /proc.
 * @param session the engine's process number, as it runs in a session of its own
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
    // Ended meanwhile.
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
