import type { ContainerState } from "../machine/docker";
import { isFree } from "../machine/ports";
import type { PlannedContainer } from "../plan/plan";

/** Refuses ports of the host that a new container needs and something else uses. */
export async function portFaults(
  planned: PlannedContainer[],
  existing: ContainerState[],
): Promise<string[]> {
  const faults: string[] = [];
  for (const { action, name, ports, replaces } of planned) {
    const freed = existing.find((container) => container.name === replaces)?.ports ?? [];
    const needed = action === "create" || action === "replace" ? ports : [];
    for (const port of needed.filter((wanted) => !freed.includes(wanted))) {
      if (!(await isFree(port))) {
        faults.push(
          `Port ${port}, which ${name} needs, is in use by ${portHolder(port, existing)}. ` +
            "Stop that, or set another port for the stack (the *Port keys in Pulumi.yaml).",
        );
      }
    }
  }
  return faults;
}

function portHolder(port: number, existing: ContainerState[]): string {
  const container = existing.find(({ ports }) => ports.includes(port));
  return container
    ? `the container ${container.name}`
    : `a process (ss -ltnp "sport = :${port}" shows which)`;
}
