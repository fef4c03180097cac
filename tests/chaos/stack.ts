/** The stack that is made to suffer: like that of a pull request, with volumes of a limited size, and fsync on. */
import { writeFileSync } from "node:fs";

import { run } from "../../cli/machine/run";
import { stackContainers } from "../../cli/stack/containers";
import { Checkout, withoutStacksOfOthers } from "../e2e/support/checkout";
import type { Outputs } from "../e2e/support/clients";
import { docker } from "../e2e/support/docker";
import { readOutputs } from "../e2e/support/hooks";
import {
  allowForVolumes,
  boundedRoles,
  createVolumes,
  removeKeeper,
  removeVolumes,
  startKeeper,
} from "./volumes";

/** Pulumi.pr.yaml with `fsync` on, as in an environment that keeps its data. */
const SETTINGS = `config:
  learning-platform:protect: false
  learning-platform:fsync: true
  learning-platform:timeToLiveHours: 72
  learning-platform:postgresMemoryMb: 256
  learning-platform:redisMemoryMb: 64
  learning-platform:redpandaMemoryMb: 1024
  learning-platform:consoleMemoryMb: 256
`;

export class ChaosStack {
  private constructor(
    public readonly name: string,
    public readonly outputs: Outputs,
    /** Roles whose volume can be filled. */
    public readonly bounded: readonly string[],
    private readonly checkout: Checkout,
  ) {}

  /** @param settings further lines of the stack's configuration */
  public static async start(name: string, settings = ""): Promise<ChaosStack> {
    const checkout = new Checkout();
    writeFileSync(checkout.path(`Pulumi.${name}.yaml`), `${SETTINGS}${settings}`);
    try {
      const bounded = await boundedRoles();
      await createVolumes(name, bounded);
      await engineUp(checkout, name);
      const containers = new Map(
        (await stackContainers(name)).map((container) => [container.role, container.name]),
      );
      await allowForVolumes(bounded, containers);
      const image = await docker("inspect", "--format", "{{.Image}}", containers.get("postgres")!);
      await startKeeper(name, bounded, image);
      return new ChaosStack(name, await readOutputs(checkout, name), bounded, checkout);
    } catch (error) {
      await remove(checkout, name);
      throw error;
    }
  }

  public remove(): Promise<void> {
    return remove(this.checkout, this.name);
  }
}

/** `npm run up` refuses volumes that are there already, as those of somebody else. The engine alone takes them. */
async function engineUp(checkout: Checkout, stack: string): Promise<void> {
  const exports = await checkout.npmOk("setup", ["--stack", stack]);
  // The stack's settings with its salt, as `setup` writes them.
  const file = checkout.path(".platform", `Pulumi.${stack}.yaml`);
  const flags = `--yes --skip-preview --non-interactive --stack ${stack} --config-file '${file}'`;
  const { code, stdout, stderr } = await run(
    "bash",
    ["-c", `${exports}\ncd '${checkout.root}' && exec pulumi up ${flags}`],
    { env: withoutStacksOfOthers() },
  );
  if (code !== 0) {
    throw new Error(`pulumi up ended with ${code}:\n${(stdout + stderr).slice(-3_000)}`);
  }
}

async function remove(checkout: Checkout, stack: string): Promise<void> {
  // The keeper holds the volumes.
  await removeKeeper(stack);
  try {
    await checkout.cleanUp(stack);
  } finally {
    await removeVolumes(stack);
  }
}
