import { MEMORY_KEYS } from "../../catalog/servers";
import type { PlannedContainer } from "../plan/plan";

/** Docker itself and the system need memory beside the containers. */
const SYSTEM_MEMORY_MB = 512;

/** Sum of the memory limits of the containers that exist after an update, in MiB. */
export const neededMemoryMb = (containers: PlannedContainer[]): number =>
  containers
    .filter(({ action }) => action !== "delete")
    .reduce((sum, { memoryMb }) => sum + memoryMb, 0);

/** Refuses containers that need more memory than the machine on which Docker runs has. */
export function memoryFaults(neededMb: number, totalMb: number): string[] {
  const total = neededMb + SYSTEM_MEMORY_MB;
  return totalMb >= total
    ? []
    : [
        `The containers' memory limits and the system need ${total} MiB; Docker has ${totalMb} MiB. ` +
          `Give Docker more memory, or lower learning-platform:${MEMORY_KEYS.join(", :")}.`,
      ];
}
