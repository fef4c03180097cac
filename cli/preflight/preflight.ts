import { listContainers, listNetworks, listVolumes, readMemory } from "../machine/docker";
import type { Plan } from "../plan/plan";
import { brokerFaults } from "./brokers";
import { dataLossFaults } from "./data-loss";
import { leftoverFaults } from "./leftovers";
import { memoryFaults, neededMemoryMb } from "./memory";
import { portFaults } from "./ports";
import { volumeFaults } from "./volumes";

interface Allowances {
  /** Names of topics, databases and volumes that may lose their data. */
  dataLoss: readonly string[];
  /** Names of Docker objects that an interrupted run left, and that `up` recovers first. */
  leftForUp: ReadonlySet<string>;
}

/** What a person must know before an update. */
export interface Judgement {
  /** Reasons to refuse it: errors of the preview, lost data, and what the machine does not allow. */
  faults: string[];
  notes: string[];
}

export async function judgePlan(plan: Plan, allowed: Allowances): Promise<Judgement> {
  const lost = [
    ...plan.errors,
    ...brokerFaults(plan.containers),
    ...dataLossFaults(plan.losses, allowed.dataLoss),
  ];
  if (![plan.containers, plan.volumes, plan.networks].some((objects) => objects.length > 0)) {
    return { faults: lost, notes: [] };
  }
  const isForeign = ({ name }: { name: string }) => !allowed.leftForUp.has(name);
  const [containers, volumes, networks, memory] = await Promise.all([
    listContainers().then((all) => all.filter(isForeign)),
    listVolumes().then((all) => all.filter((name) => isForeign({ name }))),
    listNetworks().then((all) => all.filter(isForeign)),
    readMemory(),
  ]);
  const existing = { containers, volumes, networks: networks.map(({ name }) => name) };
  const faults = [
    ...lost,
    ...volumeFaults(plan.volumes, volumes),
    ...memoryFaults(neededMemoryMb(plan.containers), memory.totalMb),
    ...(await portFaults(plan.containers, containers)),
    ...leftoverFaults(plan, existing),
  ];
  return { faults, notes: memory.isLimited ? [] : [NOT_LIMITED] };
}

const NOT_LIMITED =
  "Note: this container engine does not enforce memory limits (docker info: MemoryLimit is false).";
