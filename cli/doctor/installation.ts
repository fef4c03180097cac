/** Node.js, the Pulumi engine and its plugins. */
import { existsSync } from "node:fs";

import { engines } from "../../package.json";
import { refuseOtherEngine } from "../engine/command";
import {
  ENGINE,
  ENGINE_ROOT,
  ENGINE_VERSION,
  ensureEngine,
  inspectPlugins,
} from "../engine/install";
import { FaultError } from "../fault";
import type { Offline } from "../options";
import { fault, type Finding, ok, warning } from "./finding";

/** cli/bootstrap.js refuses an older version before this runs. */
export const checkNode = (): Finding =>
  ok("Node.js", `${process.versions.node} (${engines.node} is needed)`);

export async function checkEngine(): Promise<Finding> {
  if (!existsSync(ENGINE)) {
    return warning(
      "Engine",
      `Pulumi ${ENGINE_VERSION} is not installed yet`,
      "npm run up installs it.",
    );
  }
  try {
    await refuseOtherEngine();
    return ok("Engine", `Pulumi ${ENGINE_VERSION}, in ${ENGINE_ROOT}`);
  } catch (error) {
    if (error instanceof FaultError) {
      return fault("Engine", "another version than the program's", error.faults.join(" "));
    }
    throw error;
  }
}

export function checkPlugins(offline: Offline, found = inspectPlugins()): Finding[] {
  const { missing, reduced, stale } = found;
  const isIn = (list: typeof missing, name: string) => list.some((plugin) => plugin.name === name);
  const findings = [
    ...missing.map(({ name, version }) =>
      warning("Plugins", `${name} ${version} is not installed yet`, "npm run up installs it."),
    ),
    ...reduced
      .filter(({ name }) => !isIn(stale, name))
      .map(({ name, version }) =>
        warning(
          "Plugins",
          `${name} ${version} is a stand-in`,
          "offline/README.md says what it lacks.",
        ),
      ),
    ...stale.map(({ name, version }) =>
      warning(
        "Plugins",
        `${name} ${version} is a stand-in of an older kind than this checkout's`,
        "npm run up replaces it.",
        {
          done: `installed the stand-in ${name} ${version} again`,
          run: () => ensureEngine(offline, (line) => console.error(line)),
        },
      ),
    ),
  ];
  return findings.length > 0 ? findings : [ok("Plugins", "all of them are the originals")];
}
