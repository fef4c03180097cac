import { ENDPOINT_TITLES } from "../../catalog/servers";
import type { AccessPoints } from "../../contract/outputs";
import type { ContainerState } from "../machine/docker";
import { table } from "./table";

/** The table at the end of an update: each service, its address, and the health of its container. */
export function accessPointsTable(
  points: AccessPoints,
  containers: Pick<ContainerState, "name" | "health">[],
): string[] {
  const healthOf = (container: string) =>
    containers.find(({ name }) => name === container)?.health ?? "missing";
  const rows = Object.entries(points).map(([key, { container, address }]) => [
    ENDPOINT_TITLES[key] ?? key,
    address,
    ...(container === undefined ? ["", ""] : [healthOf(container), container]),
  ]);
  return table(["service", "address", "state", "container"], rows);
}
