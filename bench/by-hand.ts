/**
 * What the platform is compared with: the same images with the same probes, limits and files, started in
 * parallel by the docker command, and the same SQL by psql. It stands in for `docker compose up --wait`
 * where there is no Compose; it makes no users, rights or topics.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { SERVICES } from "../catalog/services";
import { run } from "../cli/machine/run";
import { ROOT } from "../cli/paths";
import { readMigrations } from "../migrator";

/** A container of the platform, as it can be made again. */
export interface Recipe {
  name: string;
  image: string;
  entrypoint: string[];
  command: string[];
  env: string[];
  /** HOST:CONTAINER */
  ports: string[];
  /** VOLUME:PATH */
  volumes: string[];
  memory: number;
  healthTest: string[];
  /** Directory with the files that were put into the container, by their path. */
  files: string;
}

interface Inspected {
  Name: string;
  Config: {
    Image: string;
    Entrypoint: string[] | null;
    Cmd: string[] | null;
    Env: string[];
    Healthcheck: { Test: string[] };
  };
  HostConfig: {
    Memory: number;
    PortBindings: Record<string, { HostPort: string }[]>;
    Binds: string[] | null;
  };
}

const NETWORK = "learning-platform-network";
/** Directories into which the platform puts files. */
const FILE_DIRECTORIES = ["/etc/platform", "/etc/redpanda"];
const BROKER = "learning-platform-redpanda";
const POSTGRES = "learning-platform-postgres";

async function docker(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run("docker", args);
  if (code !== 0) {
    throw new Error(`docker ${args.slice(0, 3).join(" ")}: ${stderr}`);
  }
  return stdout.trim();
}

/** Reads how the running platform's containers were made, with the files that they were given. */
export async function takeRecipes(): Promise<Recipe[]> {
  const ids = await docker("ps", "-q", "--filter", "label=learning-platform.stack=dev");
  const containers = JSON.parse(await docker("inspect", ...ids.split("\n"))) as Inspected[];
  const recipes = await Promise.all(containers.map(recipeOf));
  return recipes.map((recipe) => withAdministrator(recipe, recipes));
}

async function recipeOf({ Name, Config, HostConfig }: Inspected): Promise<Recipe> {
  const name = Name.slice(1);
  const files = mkdtempSync(join(tmpdir(), "learning-platform-bench-"));
  for (const directory of FILE_DIRECTORIES) {
    const { code } = await run("docker", ["cp", `${name}:${directory}`, files]);
    if (code !== 0 && directory === FILE_DIRECTORIES[0]) {
      throw new Error(`${name} has no ${directory}`);
    }
  }
  return {
    name,
    image: Config.Image,
    entrypoint: Config.Entrypoint ?? [],
    command: Config.Cmd ?? [],
    env: Config.Env,
    ports: Object.entries(HostConfig.PortBindings).flatMap(([port, bindings]) =>
      bindings.map(({ HostPort }) => `127.0.0.1:${HostPort}:${port.replace("/tcp", "")}`),
    ),
    volumes: HostConfig.Binds ?? [],
    memory: HostConfig.Memory,
    healthTest: Config.Healthcheck.Test,
    files,
  };
}

/** By hand nobody makes the console's user, so that it logs in as the administrator. */
function withAdministrator(recipe: Recipe, all: Recipe[]): Recipe {
  const file = join(recipe.files, "platform", "console.yaml");
  const broker = all.find(({ name }) => name === BROKER);
  if (recipe.name.endsWith("-console") && broker) {
    const login = readFileSync(join(broker.files, "platform", "bootstrap-user"), "utf8");
    const [username, password] = login.split(":");
    const yaml = readFileSync(file, "utf8")
      .replace(/username: .*/g, `username: ${username}`)
      .replace(/password: .*/g, `password: ${password}`);
    writeFileSync(file, yaml);
  }
  return recipe;
}

/** Makes network, volumes and containers, waits until all are healthy, and applies the SQL. */
export async function startByHand(recipes: Recipe[]): Promise<void> {
  await docker("network", "create", NETWORK);
  await Promise.all(recipes.map(start));
  await applySql();
}

async function start(recipe: Recipe): Promise<void> {
  const [first, ...rest] = recipe.entrypoint;
  const test = recipe.healthTest.slice(1);
  // `docker create` takes a shell line only: the exec form is quoted into one.
  const quoted = test.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const health = recipe.healthTest[0] === "CMD" ? quoted : test[0];
  await docker(
    "create",
    ...["--name", recipe.name, "--network", NETWORK, "--restart", "unless-stopped"],
    ...["--memory", String(recipe.memory), "--memory-swap", String(recipe.memory)],
    ...["--health-cmd", health, "--health-interval", "1s", "--health-timeout", "5s"],
    ...recipe.env.flatMap((entry) => ["--env", entry]),
    ...recipe.ports.flatMap((entry) => ["--publish", entry]),
    ...recipe.volumes.flatMap((entry) => ["--volume", entry]),
    ...(first ? ["--entrypoint", first] : []),
    recipe.image,
    ...rest,
    ...recipe.command,
  );
  for (const directory of readdirSync(recipe.files)) {
    await docker("cp", join(recipe.files, directory), `${recipe.name}:/etc/`);
  }
  await docker("start", recipe.name);
  while (
    (await docker("inspect", "--format", "{{.State.Health.Status}}", recipe.name)) !== "healthy"
  ) {
    await sleep(100);
  }
}

/** One psql after another, as an init script would. */
async function applySql(): Promise<void> {
  const script = mkdtempSync(join(tmpdir(), "learning-platform-sql-"));
  cpSync(join(ROOT, "sql"), join(script, "sql"), { recursive: true });
  await docker("cp", join(script, "sql"), `${POSTGRES}:/tmp/`);
  rmSync(script, { recursive: true });
  const psql = (database: string, ...args: string[]) =>
    docker(
      "exec",
      POSTGRES,
      "sh",
      "-c",
      'PGPASSWORD="$(cat /etc/platform/postgres-password)" exec psql -q -h 127.0.0.1 -U postgres -v ON_ERROR_STOP=1 "$@"',
      "--",
      ...["-d", database, ...args],
    );
  for (const { database } of Object.values(SERVICES)) {
    await psql("postgres", "-c", `create database ${database}`);
    const { versioned, repeatable } = readMigrations(join(ROOT, "sql", database));
    for (const { name } of [...versioned, ...repeatable]) {
      await psql(database, "-1", "-f", `/tmp/sql/${database}/${name}`);
    }
  }
}

/** Removes what was made by hand, with its volumes and files, as far as it is there. */
export async function removeByHand(recipes: Recipe[]): Promise<void> {
  for (const { name, volumes, files } of recipes) {
    await run("docker", ["rm", "-f", name]);
    for (const volume of volumes) {
      await run("docker", ["volume", "rm", volume.split(":")[0]]);
    }
    // Administrators' passwords are among them.
    rmSync(files, { recursive: true, force: true });
  }
  await run("docker", ["network", "rm", NETWORK]);
}
