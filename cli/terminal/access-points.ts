import type { ContainerState } from "../machine/docker";
import type { AccessPoints } from "../plan/plan";
import { table } from "./table";

const TITLES: Record<string, string> = {
  postgres: "PostgreSQL",
  redis: "Redis, cache",
  redisSession: "Redis, sessions",
  kafka: "Kafka API",
  schemaRegistry: "Schema registry",
  redpandaAdmin: "Redpanda admin API",
  console: "Redpanda Console",
};

/** The table at the end of an update: each service, its address, and the health of its container. */
export function accessPointsTable(
  points: AccessPoints,
  containers: Pick<ContainerState, "name" | "health">[],
): string[] {
  const rows = Object.entries(points).map(([key, { container, address }]) => [
    TITLES[key] ?? key,
    address,
    containers.find(({ name }) => name === container)?.health ?? "missing",
    container,
  ]);
  return table(["service", "address", "state", "container"], rows);
}
