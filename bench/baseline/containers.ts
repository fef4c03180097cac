/** The platform's containers as Docker Compose would start them: the same images, probes, limits and files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { stringify } from "yaml";

import { run } from "../../cli/machine/run";
import { must } from "./tools";

interface Inspected {
  Name: string;
  Config: {
    Image: string;
    Entrypoint: string[] | null;
    Cmd: string[] | null;
    Env: string[];
    StopSignal?: string;
    Healthcheck: { Test: string[] };
  };
  HostConfig: {
    Memory: number;
    PortBindings: Record<string, { HostPort: string }[]>;
    Binds: string[] | null;
  };
}

/** A container of the platform, as it can be made again. */
export interface Recipe {
  name: string;
  inspected: Inspected;
  /** Folder with the files that were put into the container: `platform/` and `redpanda/` of /etc. */
  files: string;
}

/** Folders into which the platform puts files; each container has the first. */
const FILE_FOLDERS = ["/etc/platform", "/etc/redpanda"];

/** Reads how the running platform's containers were made, with the files that they were given. */
export async function takeRecipes(stack: string): Promise<Recipe[]> {
  const ids = await must("docker", [
    "ps",
    "-q",
    "--filter",
    `label=learning-platform.stack=${stack}`,
  ]);
  const containers = JSON.parse(
    await must("docker", ["inspect", ...ids.split("\n")]),
  ) as Inspected[];
  return Promise.all(
    containers.map(async (inspected) => {
      const name = inspected.Name.slice(1);
      const files = mkdtempSync(join(tmpdir(), "learning-platform-bench-"));
      for (const folder of FILE_FOLDERS) {
        const { code } = await run("docker", ["cp", `${name}:${folder}`, files]);
        if (code !== 0 && folder === FILE_FOLDERS[0]) {
          throw new Error(`${name} has no ${folder}`);
        }
      }
      return { name, inspected, files };
    }),
  );
}

/** Removes the files, which hold passwords of administrators. */
export const forget = (recipes: Recipe[]) =>
  recipes.forEach(({ files }) => rmSync(files, { recursive: true, force: true }));

export const fileOf = ({ files }: Recipe, path: string) => readFileSync(join(files, path), "utf8");

export const recipeOf = (recipes: Recipe[], end: string): Recipe => {
  const found = recipes.find(({ name }) => name.endsWith(`-${end}`));
  if (!found) {
    throw new Error(`There is no container ...-${end}.`);
  }
  return found;
};

/** Nobody makes the console's user before the containers are up, so that it logs in as the administrator. */
export function loginAsAdministrator(recipes: Recipe[]): void {
  const bootstrap = fileOf(recipeOf(recipes, "redpanda"), "platform/bootstrap-user");
  const [username, password] = bootstrap.split(":");
  const page = recipeOf(recipes, "redpanda-console");
  const yaml = fileOf(page, "platform/console.yaml")
    .replace(/username: .*/g, `username: ${username}`)
    .replace(/password: .*/g, `password: ${password}`);
  writeFileSync(join(page.files, "platform/console.yaml"), yaml);
}

/** Writes a Compose file for the containers; their files are mounted. @returns its path */
export function writeComposeFile(recipes: Recipe[], folder: string): string {
  const services = Object.fromEntries(recipes.map((recipe) => [recipe.name, serviceOf(recipe)]));
  const volumes = Object.fromEntries(recipes.flatMap(volumesOf).map(([name]) => [name, { name }]));
  const file = join(folder, "compose.yaml");
  writeFileSync(file, stringify({ name: "learning-platform-bench", services, volumes }));
  return file;
}

const volumesOf = ({ inspected }: Recipe): [name: string, path: string][] =>
  (inspected.HostConfig.Binds ?? []).map((bind) => bind.split(":").slice(0, 2) as [string, string]);

/** `$` would be a variable of Compose. */
const literal = (words: string[] | null) =>
  (words ?? []).map((word) => word.replaceAll("$", "$$$$"));

function serviceOf(recipe: Recipe) {
  const { Config, HostConfig } = recipe.inspected;
  const isBroker = recipe.name.endsWith("-redpanda");
  return {
    image: Config.Image,
    container_name: recipe.name,
    hostname: recipe.name,
    ...(Config.Entrypoint ? { entrypoint: literal(Config.Entrypoint) } : {}),
    ...(Config.Cmd ? { command: literal(Config.Cmd) } : {}),
    environment: literal(Config.Env),
    ports: Object.entries(HostConfig.PortBindings).flatMap(([port, bindings]) =>
      bindings.map(({ HostPort }) => `127.0.0.1:${HostPort}:${port.replace("/tcp", "")}`),
    ),
    volumes: [
      ...volumesOf(recipe).map(([name, path]) => `${name}:${path}`),
      `${join(recipe.files, "platform")}:/etc/platform`,
      ...(isBroker
        ? [`${join(recipe.files, "redpanda/.bootstrap.yaml")}:/etc/redpanda/.bootstrap.yaml`]
        : []),
    ],
    mem_limit: HostConfig.Memory,
    memswap_limit: HostConfig.Memory,
    restart: "unless-stopped",
    pull_policy: "never",
    healthcheck: {
      test: literal(Config.Healthcheck.Test),
      interval: "1s",
      timeout: "5s",
      retries: 60,
    },
    // The console gives up while the broker does not answer.
    ...(recipe.name.endsWith("-console")
      ? { depends_on: { [recipe.name.replace(/-console$/, "")]: { condition: "service_healthy" } } }
      : {}),
  };
}
