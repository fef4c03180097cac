import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { inspectObject, removeContainer } from "../machine/docker";
import { logicalName } from "../resource-types";
import { type Deployment, DOCKER_KINDS, mend, nameOf, pendingCreates } from "./interruption";
import { localState } from "./local-state";
import { engine, type OpenStack } from "./stack";

interface Exported {
  deployment: Deployment;
}

/**
 * Sees to what a killed run was making, so that the next one neither stumbles over it nor makes it twice.
 * @param heal false changes nothing and only says what there is
 * @param servers whether what is on the servers counts, too; they must then answer
 * @returns names of the Docker objects that are left for an `up` to see to
 */
export async function recover(
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
  const write = async (exported: Exported) => {
    writeFileSync(file, JSON.stringify(exported));
    await engine(["stack", "import", "--file", file, "--stack", name]);
  };
  try {
    await engine(["stack", "export", "--file", file, "--stack", name]);
    const before = JSON.parse(readFileSync(file, "utf8")) as Exported;
    const pending = pendingCreates(before.deployment);
    if (pending.length === 0) {
      return new Set();
    }
    say(`The run before was cut off while it made ${pending.length} resources.`);
    const found = await Promise.all(
      pending
        .filter(({ type }) => type in DOCKER_KINDS)
        .map((resource) => inspectObject(DOCKER_KINDS[resource.type], nameOf(resource))),
    );
    const objects = found.flatMap((object) => object ?? []);
    const { deployment, remove, adopt } = mend(before.deployment, objects, {
      stack: name,
      servers,
    });
    if (!heal) {
      say("up sees to that first.");
      return new Set([...remove.map((container) => container.name), ...adopt.map(nameOf)]);
    }
    for (const container of remove) {
      say(`Removing the container ${container.name}, which it had begun to make`);
      await removeContainer(container.id);
    }
    await write({ ...before, deployment });
    if (adopt.length > 0) {
      const names = adopt.map(({ urn }) => logicalName(urn)).join(", ");
      say(`Looking whether it had made ${names}`);
      try {
        const target = adopt.map(({ urn }) => urn);
        await opened.stack.refresh({ configFile: opened.configFile, showSecrets: false, target });
      } catch (error) {
        // The state shall not claim what nobody has seen; the next run tries again.
        await write(before);
        throw error;
      }
    }
    return new Set();
  } finally {
    rmSync(directory, { recursive: true });
  }
}
