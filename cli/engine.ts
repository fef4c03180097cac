import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { version as dockerVersion } from "@pulumi/docker/package.json";
import { version as kafkaVersion } from "@pulumi/kafka/package.json";
import { version as postgresqlVersion } from "@pulumi/postgresql/package.json";
import { version as randomVersion } from "@pulumi/random/package.json";
import { version as ENGINE_VERSION } from "pulumi/package.json";

import { FaultError } from "./fault";
import type { Offline } from "./options";
import { ROOT } from "./paths";
import { lastLines, run } from "./run";

export { ENGINE_VERSION };

const HOME = process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");

/** Root of the engine's installation: where the npm package `pulumi` puts it, and looks for it first. */
export const ENGINE_ROOT = join(HOME, "versions", ENGINE_VERSION);
export const ENGINE = join(ENGINE_ROOT, "bin", "pulumi");

const PLUGINS = {
  docker: dockerVersion,
  kafka: kafkaVersion,
  postgresql: postgresqlVersion,
  random: randomVersion,
};

const pluginDirectory = ([name, version]: [string, string]) =>
  join(HOME, "plugins", `resource-${name}-v${version}`);

/** Without what a broken-off download left: the engine does not take that for a plugin either. */
const missingPlugins = () =>
  Object.entries(PLUGINS)
    .map((plugin) => [...plugin, pluginDirectory(plugin)] as const)
    .filter(([, , directory]) => !existsSync(directory) || existsSync(`${directory}.partial`));

/** Plugins in plain JavaScript are the reduced ones of offline/; the real ones are binaries. */
const reducedPlugins = () =>
  Object.entries(PLUGINS).filter((plugin) => existsSync(join(pluginDirectory(plugin), "index.js")));

/**
 * Finds the engine and its plugins in the versions that package-lock.json names, or installs them: by
 * download, or, where that is not to be had or not wanted, by building them from package registries.
 * @throws FaultError where neither way leads to an engine
 */
export async function ensureEngine(offline: Offline, say: (line: string) => void): Promise<void> {
  if (!existsSync(ENGINE) || missingPlugins().length > 0) {
    await installEngine(offline, say);
  }
  const reduced = reducedPlugins();
  for (const [name, version] of reduced) {
    say(`Stand-in: the plugin ${name} ${version} is a reduced one (offline/README.md).`);
  }
  if (offline === "never" && reduced.length > 0) {
    throw new FaultError(
      reduced.map(
        (plugin) =>
          `The plugin ${plugin[0]} is a stand-in. Remove ${pluginDirectory(plugin)} to have the real one downloaded.`,
      ),
    );
  }
}

async function installEngine(offline: Offline, say: (line: string) => void): Promise<void> {
  const reason = offline === "always" ? "as configured" : await download(say);
  if (reason === undefined) {
    return;
  }
  if (offline === "never") {
    throw new FaultError([`The Pulumi engine could not be downloaded: ${reason}`]);
  }
  say(`Offline: the engine and its plugins are built from Go and npm packages (${reason}).`);
  say("This takes 4 to 8 minutes the first time; offline/README.md says what is reduced.");
  const build = await run("bash", [join(ROOT, "offline", "install-engine.sh")], { onLine: say });
  if (build.code !== 0) {
    throw new FaultError([
      `The Pulumi engine could neither be downloaded nor built:\n${lastLines(build.stderr)}`,
    ]);
  }
}

/** Returns why the download failed, or undefined where all is there now. */
async function download(say: (line: string) => void): Promise<string | undefined> {
  if (!existsSync(ENGINE)) {
    say(`Downloading the Pulumi engine ${ENGINE_VERSION} ...`);
    const engine = await run(process.execPath, [require.resolve("pulumi/run.js"), "version"]);
    if (engine.code !== 0 || !existsSync(ENGINE)) {
      return lastLines(engine.stderr, 1) || "no reason given";
    }
  }
  for (const [name, version] of missingPlugins()) {
    say(`Downloading the plugin ${name} ${version} ...`);
    const plugin = await run(ENGINE, ["plugin", "install", "resource", name, version]);
    if (plugin.code !== 0) {
      return lastLines(plugin.stderr, 1) || "no reason given";
    }
  }
  return undefined;
}
