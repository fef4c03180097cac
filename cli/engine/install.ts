import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { version as dockerVersion } from "@pulumi/docker/package.json";
import { version as kafkaVersion } from "@pulumi/kafka/package.json";
import { version as postgresqlVersion } from "@pulumi/postgresql/package.json";
import { version as randomVersion } from "@pulumi/random/package.json";
import { version as ENGINE_VERSION } from "pulumi/package.json";

import { RECIPE_FILE, recipeOf } from "../../offline/plugins/recipe";
import { FaultError } from "../fault";
import { lastLines, run } from "../machine/run";
import type { Offline } from "../options";
import { ROOT } from "../paths";

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

const pluginDirectory = (name: string, version: string, home = HOME) =>
  join(home, "plugins", `resource-${name}-v${version}`);

/** Variable with the URL of a folder that has the plugins' archives under the names that Pulumi gives them. */
const PLUGIN_MIRROR = "LEARNING_PLATFORM_PLUGIN_MIRROR";

const RECIPES = join(ROOT, "offline", "plugins");

interface Plugin {
  name: string;
  version: string;
}

/** Where each plugin is, by its name. */
export const PLUGIN_DIRECTORIES: Record<string, string> = Object.fromEntries(
  Object.entries(PLUGINS).map(([name, version]) => [name, pluginDirectory(name, version)]),
);

/**
 * @param home folder of the engine's installation
 * @returns the plugins that are missing (a download that broke off counts as missing for the engine too), the
 *   reduced ones of offline/, which are plain JavaScript where the real ones are binaries, and of those the
 *   ones that were installed by another recipe than today's
 */
export function inspectPlugins(home = HOME): Record<"missing" | "reduced" | "stale", Plugin[]> {
  const plugins = Object.entries(PLUGINS).map(([name, version]) => ({
    name,
    version,
    directory: pluginDirectory(name, version, home),
  }));
  const reduced = plugins.filter(({ directory }) => existsSync(join(directory, "index.js")));
  return {
    missing: plugins.filter(
      ({ directory }) => !existsSync(directory) || existsSync(`${directory}.partial`),
    ),
    reduced,
    stale: reduced.filter(
      ({ name, directory }) => installedRecipe(directory) !== recipeOf(name, RECIPES),
    ),
  };
}

function installedRecipe(directory: string): string | undefined {
  const file = join(directory, RECIPE_FILE);
  return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
}

/** Whether the engine is installed with all of its plugins. */
export const engineIsThere = () => existsSync(ENGINE) && inspectPlugins().missing.length === 0;

/**
 * Finds the engine and its plugins in the versions that package-lock.json names, or installs them: by
 * download, or, where that is not to be had or not wanted, by building them from package registries.
 * @throws FaultError where neither way leads to an engine
 */
export async function ensureEngine(offline: Offline, say: (line: string) => void): Promise<void> {
  if (!engineIsThere()) {
    await installEngine(offline, say);
  }
  const { reduced, stale } = inspectPlugins();
  for (const { name, version } of reduced) {
    say(`Stand-in: the plugin ${name} ${version} is a reduced one (offline/README.md).`);
  }
  if (offline === "never" && reduced.length > 0) {
    throw new FaultError(
      reduced.map(
        ({ name, version }) =>
          `The plugin ${name} is a stand-in. Remove ${pluginDirectory(name, version)} to have the real one downloaded.`,
      ),
    );
  }
  if (stale.length > 0) {
    await build(say);
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
  say("This takes 3 to 5 minutes on two processors; offline/README.md says what is reduced.");
  await build(say);
}

/** Installs what is missing or of an older recipe; the script skips the rest. */
async function build(say: (line: string) => void): Promise<void> {
  const onLine = (line: string) => line.endsWith(": there already") || say(line);
  const built = await run("bash", [join(ROOT, "offline", "install-engine.sh")], { onLine });
  if (built.code !== 0) {
    throw new FaultError([
      `The Pulumi engine could neither be downloaded nor built:\n${lastLines(built.stderr)}`,
    ]);
  }
}

/** @returns why the download failed; undefined where everything is there now */
async function download(say: (line: string) => void): Promise<string | undefined> {
  if (!existsSync(ENGINE)) {
    say(`Downloading the Pulumi engine ${ENGINE_VERSION} ...`);
    // The package prefers the version in the environment to its own.
    const env = { ...process.env, PULUMI_VERSION: ENGINE_VERSION };
    const engine = await run(process.execPath, [require.resolve("pulumi/run.js"), "version"], {
      env,
    });
    if (engine.code !== 0 || !existsSync(ENGINE)) {
      return lastLines(engine.stderr, 1) || "no reason given";
    }
  }
  const { [PLUGIN_MIRROR]: mirror } = process.env;
  const server = mirror ? ["--server", mirror] : [];
  for (const { name, version } of inspectPlugins().missing) {
    say(`Downloading the plugin ${name} ${version} ...`);
    const plugin = await run(ENGINE, ["plugin", "install", "resource", name, version, ...server]);
    if (plugin.code !== 0) {
      return lastLines(plugin.stderr, 1) || "no reason given";
    }
  }
  return undefined;
}
