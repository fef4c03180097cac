import { LABELS } from "../../catalog/labels";
import type { AccessPoints } from "../../contract/outputs";
import { engineMessage } from "../engine/messages";
import { FaultError } from "../fault";
import { containerLog, type ContainerState, listContainers } from "../machine/docker";
import { closedPorts } from "../machine/docker-endpoint";

/** What a person needs of a failed run: each error once, and the last log lines of the containers that failed. */
export async function describeFailure(
  containers: string[],
  errors: string[],
  error: unknown,
): Promise<FaultError> {
  const logs = await Promise.all(
    containers.map(async (name) => `The last lines of ${name}:\n${await containerLog(name)}`),
  );
  const reported = errors.length > 0 ? errors : [engineMessage(error)];
  return new FaultError([...new Set(reported), ...(await unreachablePorts(reported)), ...logs]);
}

/** Explains refused connections to healthy servers: their engine publishes the ports elsewhere. */
async function unreachablePorts(errors: string[]): Promise<string[]> {
  if (!errors.some((error) => /connection refused|ECONNREFUSED/.test(error))) {
    return [];
  }
  const own = (await listContainers()).filter(
    ({ health, labels }) => health === "healthy" && LABELS.stack in labels,
  );
  const closed = await closedPorts(own.flatMap(({ ports }) => ports));
  return closed.length > 0
    ? [
        `The containers are healthy, but ports ${closed.join(", ")} of this machine accept no connection: ` +
          "the Docker Engine publishes them elsewhere. Run this where the engine runs.",
      ]
    : [];
}

/**
 * Refuses to call a stack up while one of its containers is not healthy: it may have failed since it was created.
 * @throws FaultError with the last log lines of each
 */
export async function refuseUnhealthy(
  points: AccessPoints,
  containers: ContainerState[],
): Promise<void> {
  const names = [...new Set(Object.values(points).flatMap(({ container }) => container ?? []))];
  const healthy = new Set(
    containers.filter(({ health }) => health === "healthy").map(({ name }) => name),
  );
  const unhealthy = names.filter((name) => !healthy.has(name));
  if (unhealthy.length > 0) {
    const states = unhealthy.map((name) => `The container ${name} is not healthy.`);
    throw await describeFailure(unhealthy, states, undefined);
  }
}
