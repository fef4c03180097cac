import { delimiter, dirname } from "node:path";

import { PulumiCommand } from "@pulumi/pulumi/automation";
import { SemVer } from "semver";

import { FaultError } from "../fault";
import { run } from "../machine/run";
import { ROOT } from "../paths";
import { ENGINE, ENGINE_ROOT, ENGINE_VERSION } from "./install";
import { runEngine } from "./run";

/**
 * The engine, as Automation runs it. `PulumiCommand.get` would ask for its version first, and wait a fifth of a second;
 * `refuseOtherEngine` asks beside other work. Its own `run` (automation/cmd.js) keeps the engine in this process group.
 */
export function engineCommand(): PulumiCommand {
  const command = { command: ENGINE, version: new SemVer(ENGINE_VERSION), run: runInOwnGroup };
  return Object.assign(Object.create(PulumiCommand.prototype) as PulumiCommand, command);
}

const runInOwnGroup = async (args: string[], cwd = ROOT, more: Record<string, string> = {}) => {
  const path = `${dirname(ENGINE)}${delimiter}${more.PATH ?? process.env.PATH}`;
  const env = { ...process.env, ...more, PATH: path, PULUMI_AUTOMATION_API: "true" };
  return runEngine(args, { cwd, env });
};

/** @throws FaultError where the engine is another version than the program's */
export async function refuseOtherEngine(): Promise<void> {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const { stdout } = await run(ENGINE, ["version"], { env });
  const version = stdout.trim().replace(/^v/, "");
  if (version !== ENGINE_VERSION) {
    throw new FaultError([
      `The engine in ${ENGINE_ROOT} has ${version ? `version ${version}` : "no version"}; ` +
        `${ENGINE_VERSION} is needed. Remove that folder; the next run installs the right version.`,
    ]);
  }
}
