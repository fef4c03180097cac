import type { ContainerState } from "../../../../cli/machine/docker";
import type { PlannedContainer } from "../../../../cli/plan/plan";

/** A healthy container that publishes ports. */
export const running = (name: string, ...ports: number[]): ContainerState => ({
  ...{ id: `id of ${name}`, name, status: "running", health: "healthy" },
  ...{ labels: {}, ports, networks: [] },
});

/** A container of a plan. */
export const plannedContainer = (
  action: PlannedContainer["action"],
  name: string,
  ...ports: number[]
): PlannedContainer => ({
  ...{ action, service: name, name, ports, memoryMb: 0, keptVolumes: [] },
  ...(action === "replace" ? { replaces: name } : {}),
});
