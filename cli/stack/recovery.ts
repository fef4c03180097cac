import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { inspectObject, removeContainer } from "../machine/docker";
import { logicalName } from "../resource-types";
import { localState } from "./local-state";
import {
  type Deployment,
  DOCKER_KINDS,
  nameOf,
  pendingCreates,
  planRecovery,
  type RecoveryPlan,
} from "./recovery-plan";
import { engine, type OpenStack, withoutSecrets } from "./stack";

interface Exported {
  deployment: Deployment;
}

/**
 * Recovers from a killed run: removes half-created containers, and adopts resources that were created but not recorded.
 * @param heal false changes nothing and only says what was found
 * @param servers whether to adopt what is on the servers, too; they must then answer
 * @returns names of the Docker objects that the next `up` recovers
 */
export async function recoverInterruptedRun(
  opened: OpenStack,
  { heal, servers }: { heal: boolean; servers: boolean },
  say: (line: string) => void,
): Promise<Set<string>> {
  const { name } = opened.stack;
  const here = localState(name) as Deployment | undefined;
  if (here && pendingCreates(here).length === 0) {
    return new Set();
  }
  const directory = mkdtempSync(join(tmpdir(), "learning-platform-state-"));
  const file = join(directory, "state.json");
  try {
    await engine(["stack", "export", "--file", file, "--stack", name]);
    const before = JSON.parse(readFileSync(file, "utf8")) as Exported;
    const pending = pendingCreates(before.deployment);
    if (pending.length === 0) {
      return new Set();
    }
    say(`The last run was interrupted while it created ${pending.length} resources.`);
    const plan = planRecovery(before.deployment, await findObjects(before.deployment), {
      stack: name,
      servers,
    });
    if (!heal) {
      say("The next up recovers them first.");
      return new Set([
        ...plan.remove.map((container) => container.name),
        ...plan.adopt.map(nameOf),
      ]);
    }
    await applyRecovery(opened, before, plan, file, say);
    return new Set();
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The Docker objects with the names of pending resources. */
async function findObjects(deployment: Deployment) {
  const found = await Promise.all(
    pendingCreates(deployment)
      .filter(({ type }) => type in DOCKER_KINDS)
      .map((resource) => inspectObject(DOCKER_KINDS[resource.type], nameOf(resource))),
  );
  return found.flatMap((object) => object ?? []);
}

/** @param file where the engine reads the state from */
async function applyRecovery(
  opened: OpenStack,
  before: Exported,
  { deployment, remove, adopt }: RecoveryPlan,
  file: string,
  say: (line: string) => void,
): Promise<void> {
  const write = async (exported: Exported) => {
    writeFileSync(file, JSON.stringify(exported));
    await engine(["stack", "import", "--file", file, "--stack", opened.stack.name]);
  };
  for (const container of remove) {
    say(`Removing the half-created container ${container.name}`);
    await removeContainer(container.id);
  }
  await write({ ...before, deployment });
  if (adopt.length === 0) {
    return;
  }
  say(`Adopting what exists of: ${adopt.map(({ urn }) => logicalName(urn)).join(", ")}`);
  try {
    const target = adopt.map(({ urn }) => urn);
    await opened.stack.refresh({ ...withoutSecrets(opened), target });
  } catch (error) {
    // The state must not claim what was not confirmed; the next run tries again.
    await write(before);
    throw error;
  }
}
