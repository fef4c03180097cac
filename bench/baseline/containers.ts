/** How the containers of a running stack were made, so that something else can make the same. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run } from "../../cli/machine/run";
import { must } from "../tools";

interface Inspected {
  Name: string;
  Config: {
    Hostname: string;
    Image: string;
    Entrypoint: string[] | null;
    Cmd: string[] | null;
    Env: string[];
    /** Times are in nanoseconds. */
    Healthcheck: {
      Test: string[];
      Interval: number;
      Timeout: number;
      /** Left out where it is 0. */
      StartPeriod?: number;
      Retries: number;
    };
  };
  HostConfig: {
    Memory: number;
    PortBindings: Record<string, { HostIp: string; HostPort: string }[]>;
    Binds: string[] | null;
    LogConfig: { Type: string; Config: Record<string, string> };
  };
  NetworkSettings: { Networks: Record<string, unknown> };
}

/** The network on which containers are known by their names. pg_hba.conf admits its gateway, which is the host. */
export interface Network {
  name: string;
  subnet: string;
  gateway: string;
}

/** A container of the platform, as it can be made again. */
export interface Recipe {
  name: string;
  hostname: string;
  network: Network;
  image: string;
  entrypoint: string[];
  command: string[];
  env: string[];
  /** ADDRESS:PORT:PORT of the host and of the container. */
  ports: string[];
  volumes: { name: string; path: string }[];
  /** Bytes, of which none are swap. */
  memory: number;
  /** As Docker has it: CMD or CMD-SHELL, and the rest. Times are in milliseconds. */
  health: {
    test: string[];
    interval: number;
    timeout: number;
    startPeriod: number;
    retries: number;
  };
  log: { driver: string; options: Record<string, string> };
  /** Folder with the files that were put into the container: `platform/` and `redpanda/` of /etc. */
  files: string;
}

/** Folders into which the platform puts files; each container has the first. */
const FILE_FOLDERS = ["/etc/platform", "/etc/redpanda"];

/** Reads how the containers of a running stack were made, with the files that they were given. */
export async function takeRecipes(stack: string): Promise<Recipe[]> {
  const label = `label=learning-platform.stack=${stack}`;
  const ids = (await must("docker", ["ps", "-q", "--filter", label])).split("\n");
  const containers = JSON.parse(await must("docker", ["inspect", ...ids])) as Inspected[];
  const [name] = Object.keys(containers[0].NetworkSettings.Networks);
  const format = "{{json (index .IPAM.Config 0)}}";
  const { Subnet, Gateway } = JSON.parse(
    await must("docker", ["network", "inspect", "--format", format, name]),
  ) as { Subnet: string; Gateway: string };
  const network = { name, subnet: Subnet, gateway: Gateway };
  return Promise.all(containers.map((container) => recipeOf(container, network)));
}

async function recipeOf(
  { Name, Config, HostConfig }: Inspected,
  network: Network,
): Promise<Recipe> {
  const name = Name.slice(1);
  const milliseconds = (nanoseconds: number) => Math.round(nanoseconds / 1e6);
  const { Test, Interval, Timeout, StartPeriod, Retries } = Config.Healthcheck;
  return {
    name,
    hostname: Config.Hostname,
    network,
    image: Config.Image,
    entrypoint: Config.Entrypoint ?? [],
    command: Config.Cmd ?? [],
    env: Config.Env,
    ports: Object.entries(HostConfig.PortBindings).flatMap(([port, bindings]) =>
      bindings.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}:${port.replace("/tcp", "")}`),
    ),
    volumes: (HostConfig.Binds ?? []).map((bind) => {
      const [volume, path] = bind.split(":");
      return { name: volume, path };
    }),
    memory: HostConfig.Memory,
    health: {
      test: Test,
      interval: milliseconds(Interval),
      timeout: milliseconds(Timeout),
      startPeriod: milliseconds(StartPeriod ?? 0),
      retries: Retries,
    },
    log: { driver: HostConfig.LogConfig.Type, options: HostConfig.LogConfig.Config },
    files: await takeFiles(name),
  };
}

async function takeFiles(name: string): Promise<string> {
  const files = mkdtempSync(join(tmpdir(), "learning-platform-bench-"));
  for (const folder of FILE_FOLDERS) {
    const { code } = await run("docker", ["cp", `${name}:${folder}`, files]);
    if (code !== 0 && folder === FILE_FOLDERS[0]) {
      throw new Error(`${name} has no ${folder}`);
    }
  }
  return files;
}

/** Removes the files, which hold passwords of administrators. */
export const forget = (recipes: Recipe[]) =>
  recipes.forEach(({ files }) => rmSync(files, { recursive: true, force: true }));

/** The recipe whose name ends with a role of catalog/servers.ts. */
export function recipeFor(recipes: Recipe[], role: string): Recipe {
  const found = recipes.find(({ name }) => name.endsWith(`-${role}`));
  if (!found) {
    throw new Error(`There is no container ...-${role}.`);
  }
  return found;
}

/** Nobody makes the console's user before the containers are up, so that it logs in as the administrator. */
export function loginAsAdministrator(recipes: Recipe[]): void {
  const { files } = recipeFor(recipes, "redpanda");
  const [username, password] = readFileSync(join(files, "platform/bootstrap-user"), "utf8").split(
    ":",
  );
  const file = join(recipeFor(recipes, "redpanda-console").files, "platform/console.yaml");
  const yaml = readFileSync(file, "utf8")
    .replace(/username: .*/g, `username: ${username}`)
    .replace(/password: .*/g, `password: ${password}`);
  writeFileSync(file, yaml);
}
