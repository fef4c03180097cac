import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

import { ENGINE, ENGINE_VERSION, PLUGIN_DIRECTORIES } from "../../cli/engine/install";
import { STAND_IN_LABEL } from "../../cli/machine/images";
import { run } from "../../cli/machine/run";
import { parseProjectDefaults } from "../../tests/e2e/support/project";
import type { PartName } from "./row";

/** One part of the platform, and whether it is the original. */
export interface Part {
  /** The name that rows use. No row uses `engine` and `machine`. */
  name: PartName | "engine" | "machine";
  title: string;
  version: string;
  /** What replaces the original. Undefined for the original. */
  standIn?: string;
}

/** Go writes the name of the main module into a binary. This one is from offline/go/go.mod. */
const BUILT_OFFLINE = "offline-kit/";

export async function readParts(): Promise<Part[]> {
  const defaults = parseProjectDefaults();
  const images = await Promise.all(
    (["postgres", "redis", "redpanda", "console"] as const).map((name) =>
      imagePart(name, defaults[`${name}Image`]),
    ),
  );
  const plugins = await Promise.all(
    Object.entries(PLUGIN_DIRECTORIES).map(([name, directory]) => pluginPart(name, directory)),
  );
  const docker = await run("docker", [
    "version",
    "--format",
    "{{.Server.Version}} (client {{.Client.Version}}, {{.Server.Os}}/{{.Server.Arch}})",
  ]);
  const system = await run("docker", ["info", "--format", "{{.OperatingSystem}}"]);
  const engine = await run(ENGINE, ["version"]);
  return [
    ...images,
    ...plugins,
    { name: "engine", title: "Pulumi engine", version: engine.stdout.trim() || ENGINE_VERSION },
    { name: "machine", title: "Node.js", version: process.versions.node },
    {
      name: "machine",
      title: "container engine",
      version: `${docker.stdout.trim()}, ${system.stdout.trim()}`,
    },
  ];
}

interface InspectedImage {
  Id: string;
  RepoDigests: string[] | null;
  Architecture: string;
  Config: { Labels: Record<string, string> | null };
}

async function imagePart(name: PartName, image: string): Promise<Part> {
  const { code, stdout } = await run("docker", ["image", "inspect", image]);
  if (code !== 0) {
    return { name, title: image, version: "none", standIn: "nothing: the image is missing" };
  }
  const [{ Id, RepoDigests, Architecture, Config }] = JSON.parse(stdout) as InspectedImage[];
  const digest = RepoDigests?.[0]?.split("@")[1];
  const standIn =
    Config.Labels?.[STAND_IN_LABEL] ??
    // An image from a registry has a digest.
    (digest === undefined ? "an image that is not from a registry" : undefined);
  return { name, title: image, version: `${digest ?? Id} ${Architecture}`, standIn };
}

async function pluginPart(name: string, directory: string): Promise<Part> {
  const version = /-v([^/\\]+)$/.exec(directory)?.[1] ?? "";
  const part: Part = { name: "plugins", title: `plugin ${name}`, version };
  if (existsSync(join(directory, "index.js"))) {
    return { ...part, standIn: "a reduced plugin" };
  }
  const binary = join(directory, `pulumi-resource-${name}`);
  const file = existsSync(binary) ? binary : `${binary}.exe`;
  if (!existsSync(file)) {
    return { ...part, standIn: "nothing: the plugin is missing" };
  }
  return (await contains(file, BUILT_OFFLINE))
    ? { ...part, standIn: "the real provider in a bridge that was built here" }
    : part;
}

/** Searches a file, which may have hundreds of megabytes, for a text. */
export async function contains(file: string, text: string): Promise<boolean> {
  const handle = await open(file);
  try {
    let tail = Buffer.alloc(0);
    const chunk = Buffer.alloc(4 * 1024 * 1024);
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length);
      if (bytesRead === 0) {
        return false;
      }
      const seen = Buffer.concat([tail, chunk.subarray(0, bytesRead)]);
      if (seen.includes(text)) {
        return true;
      }
      // The text may be split between two reads.
      tail = Buffer.from(seen.subarray(-text.length));
    }
  } finally {
    await handle.close();
  }
}
