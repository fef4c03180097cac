/** The docker command in the place of Compose: it starts all containers side by side. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { run } from "../../cli/machine/run";
import { must } from "../tools";
import type { Recipe } from "./containers";
import type { Starter } from "./starter";

const docker = (...args: string[]) => must("docker", args);

export const dockerCommand: Starter = {
  title: "the docker command",
  async start(recipes) {
    const { name, subnet, gateway } = recipes[0].network;
    await docker("network", "create", "--subnet", subnet, "--gateway", gateway, name);
    await Promise.all(recipes.map(start));
  },
  async remove(recipes) {
    for (const { name, volumes } of recipes) {
      await run("docker", ["rm", "-f", name]);
      for (const volume of volumes) {
        await run("docker", ["volume", "rm", volume.name]);
      }
    }
    await run("docker", ["network", "rm", recipes[0].network.name]);
  },
};

async function start(recipe: Recipe): Promise<void> {
  await docker("create", ...createFlags(recipe));
  for (const folder of readdirSync(recipe.files)) {
    await docker("cp", join(recipe.files, folder), `${recipe.name}:/etc/`);
  }
  await docker("start", recipe.name);
  const format = "{{.State.Health.Status}}";
  while ((await docker("inspect", "--format", format, recipe.name)) !== "healthy") {
    await sleep(100);
  }
}

function createFlags(recipe: Recipe): string[] {
  const { name, hostname, network, image, memory, health } = recipe;
  const [first, ...rest] = recipe.entrypoint;
  const [kind, ...test] = health.test;
  // `docker create` takes a shell line only: the exec form is quoted into one.
  const quoted = test.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  return [
    ...["--name", name, "--hostname", hostname, "--network", network.name],
    ...["--restart", "unless-stopped"],
    ...["--memory", String(memory), "--memory-swap", String(memory)],
    ...["--health-cmd", kind === "CMD" ? quoted : test[0]],
    ...["--health-interval", `${health.interval}ms`, "--health-timeout", `${health.timeout}ms`],
    ...["--health-start-period", `${health.startPeriod}ms`],
    ...["--health-retries", String(health.retries)],
    ...recipe.env.flatMap((entry) => ["--env", entry]),
    ...recipe.ports.flatMap((entry) => ["--publish", entry]),
    ...recipe.volumes.flatMap((volume) => ["--volume", `${volume.name}:${volume.path}`]),
    ...(first ? ["--entrypoint", first] : []),
    image,
    ...rest,
    ...recipe.command,
  ];
}
