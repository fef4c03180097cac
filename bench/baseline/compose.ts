/** Docker Compose, and the platform's containers as a Compose file. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { stringify } from "yaml";

import { CACHE, must } from "../tools";
import type { Recipe } from "./containers";
import type { Starter } from "./starter";

const VERSION = "v2.40.3";
const MODULE = "github.com/docker/compose/v2";

/** @throws Error where Compose cannot be built, with the reason */
export async function findCompose(): Promise<Starter> {
  const binary = await build();
  const withFile = async (recipes: Recipe[], ...args: string[]) => {
    const folder = mkdtempSync(join(tmpdir(), "learning-platform-compose-"));
    const file = join(folder, "compose.yaml");
    try {
      writeFileSync(file, stringify(composeFile(recipes)), { mode: 0o600 });
      await must(binary, ["--file", file, ...args]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  return {
    title: `Docker Compose ${VERSION}, \`up -d --wait\``,
    start: (recipes) => withFile(recipes, "up", "-d", "--wait"),
    remove: (recipes) => withFile(recipes, "down", "--volumes", "--timeout", "1"),
  };
}

/**
 * Builds it in the folder of its module, so that its own go.mod decides the versions of its dependencies. `go install`
 * refuses the module, because go.mod excludes some versions (go.dev/ref/mod, "go install").
 */
async function build(): Promise<string> {
  const binary = join(CACHE, `docker-compose-${VERSION}`);
  if (existsSync(binary)) {
    return binary;
  }
  mkdirSync(CACHE, { recursive: true });
  console.log(`Building Docker Compose ${VERSION} (90 s on 2 quiet processors) ...`);
  // Go must not fetch another toolchain: its download site may be unreachable.
  const env = { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local" };
  const { Dir } = JSON.parse(
    await must("go", ["mod", "download", "-json", `${MODULE}@${VERSION}`], { cwd: CACHE, env }),
  ) as { Dir: string };
  const flags = ["-trimpath", "-ldflags", `-s -w -X ${MODULE}/internal.Version=${VERSION}`];
  await must("go", ["build", ...flags, "-o", `${binary}.part`, "./cmd"], { cwd: Dir, env });
  renameSync(`${binary}.part`, binary);
  return binary;
}

/** The containers as a Compose file: the same images, probes, limits, ports and volumes; their files are mounted. */
export function composeFile(recipes: Recipe[]): object {
  const { name, subnet, gateway } = recipes[0].network;
  const volumes = recipes.flatMap((recipe) =>
    recipe.volumes.map((volume) => [volume.name, { name: volume.name }]),
  );
  return {
    name: "learning-platform-bench",
    services: Object.fromEntries(recipes.map((recipe) => [recipe.name, serviceOf(recipe)])),
    networks: { default: { name, ipam: { config: [{ subnet, gateway }] } } },
    volumes: Object.fromEntries(volumes),
  };
}

/** `$` would be a variable of Compose. */
const literal = (words: string[]) => words.map((word) => word.replaceAll("$", "$$$$"));

function serviceOf(recipe: Recipe) {
  const { name, files, health, log } = recipe;
  const isBroker = name.endsWith("-redpanda");
  return {
    image: recipe.image,
    container_name: name,
    hostname: recipe.hostname,
    ...(recipe.entrypoint.length > 0 ? { entrypoint: literal(recipe.entrypoint) } : {}),
    ...(recipe.command.length > 0 ? { command: literal(recipe.command) } : {}),
    environment: literal(recipe.env),
    ports: recipe.ports,
    volumes: [
      ...recipe.volumes.map((volume) => `${volume.name}:${volume.path}`),
      `${join(files, "platform")}:/etc/platform`,
      ...(isBroker
        ? [`${join(files, "redpanda", ".bootstrap.yaml")}:/etc/redpanda/.bootstrap.yaml`]
        : []),
    ],
    mem_limit: recipe.memory,
    memswap_limit: recipe.memory,
    restart: "unless-stopped",
    logging: log,
    pull_policy: "never",
    healthcheck: {
      test: literal(health.test),
      interval: `${health.interval}ms`,
      timeout: `${health.timeout}ms`,
      start_period: `${health.startPeriod}ms`,
      retries: health.retries,
    },
  };
}
