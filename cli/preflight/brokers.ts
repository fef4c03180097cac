import { BROKER_SERVERS, SERVERS } from "../../catalog/servers";
import type { PlannedContainer } from "../plan/plan";

const [FIRST, ...FURTHER] = BROKER_SERVERS.map((server): string => SERVERS[server].role);

/**
 * Refuses to take brokers from a cluster that stays. Two of three are its majority: without them the last one elects no
 * leader, and neither writes nor reads, whatever its own volume holds.
 */
export function brokerFaults(containers: PlannedContainer[]): string[] {
  const stays = containers.some(({ service, action }) => service === FIRST && action !== "delete");
  const removed = containers
    .filter(({ service, action }) => FURTHER.includes(service) && action === "delete")
    .map(({ name }) => name);
  return stays && removed.length > 0
    ? [
        `The brokers ${removed.join(" and ")} would be removed, and the one that is left has no majority: no topic could be written or read. ` +
          "Keep learning-platform:brokers at 3. docs/brokers.md says how to move to fewer.",
      ]
    : [];
}
