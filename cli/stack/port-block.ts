/** Which ports of the host a stack uses, where its configuration leaves that open. */
import { LABELS } from "../../catalog/labels";
import { PORT_KEYS, portKeysOf, PORTS_PER_BLOCK } from "../../catalog/servers";
import { firstPorts } from "../../config";
import { containersOf } from "../../config-servers";
import { FaultError } from "../fault";
import { dockerLines } from "../machine/docker-command";
import { close, isFree, listen } from "../machine/ports";
import { TYPES } from "../resource-types";
import { PROJECT, resourcesIn, type State } from "./local-state";
import { keepFirstPort, stackConfiguration, stackSettings } from "./settings";

/**
 * Settles the stack's first port for this run, before its configuration is read. A stack keeps the block of its first
 * `up`: the label of its network says which. A stack without a network gets the block that follows from its name, or the
 * next free one.
 * @param state of the stack; undefined where there is none yet
 * @throws FaultError where no block is free
 */
export async function settleFirstPort(name: string, state: State | undefined): Promise<void> {
  const kept = state && keptFirstPort(state);
  if (kept !== undefined) {
    keepFirstPort(name, kept);
    return;
  }
  const positions = openPositions(name);
  if (positions.length > 0) {
    const first = taken.get(name) ?? (await takeFreeBlock(name, positions));
    taken.set(name, first);
    keepFirstPort(name, first);
  }
}

/** Blocks that this process holds: a restore opens a new stack twice before its network shows the block. */
const taken = new Map<string, number>();

/** The first port that the stack's network is labelled with; 0 where it has no such label. */
export function keptFirstPort(state: State) {
  const network = resourcesIn(state).find(({ type }) => type === TYPES.network);
  const labels = (network?.inputs?.labels ?? []) as { label: string; value: string }[];
  return network && Number(labels.find(({ label }) => label === LABELS.firstPort)?.value ?? "0");
}

/** Positions in the block of the ports that the stack's configuration leaves open. */
function openPositions(name: string): number[] {
  if (stackSettings(name).config?.[`${PROJECT}:firstPort`]) {
    return [];
  }
  const config = stackConfiguration(name);
  const published = containersOf(config).flatMap((server) => portKeysOf(server));
  return PORT_KEYS.flatMap((key, index) =>
    published.includes(key) && config[key] === config.firstPort + index ? [index] : [],
  );
}

/**
 * Takes the first block whose ports are free, and that no other stack has. Until the network is there to show it, this
 * process listens on the block's last port, which no stack publishes: two runs at the same time take different blocks.
 */
async function takeFreeBlock(name: string, positions: number[]): Promise<number> {
  const others = await blocksOfOthers(name);
  for (const first of firstPorts(name).filter((port) => !overlaps(port, others))) {
    const held = await listen(first + PORTS_PER_BLOCK - 1);
    if (!held) {
      // Another run's: its servers could not start on a port on which this one listens, if only to see whether it is free.
      continue;
    }
    const free = await Promise.all(positions.map((position) => isFree(first + position)));
    if (free.every(Boolean)) {
      held.unref();
      return first;
    }
    await close(held);
  }
  throw new FaultError([
    `No block of ${PORTS_PER_BLOCK} ports is free for stack ${name}. Set learning-platform:firstPort.`,
  ]);
}

/** Blocks had ten ports once, so that those of older stacks begin in between. */
const overlaps = (first: number, taken: Set<number>): boolean =>
  [...taken].some((other) => Math.abs(other - first) < PORTS_PER_BLOCK);

/** First ports of the other stacks of this Docker Engine, of all checkouts. */
async function blocksOfOthers(name: string): Promise<Set<number>> {
  const format = `{{.Label "${LABELS.stack}"}} {{.Label "${LABELS.firstPort}"}}`;
  const lines = await dockerLines([
    ...["network", "ls", "--filter", `label=${LABELS.firstPort}`, "--format", format],
  ]);
  const others = lines.map((line) => line.split(" ")).filter(([stack]) => stack !== name);
  return new Set(others.map(([, first]) => Number(first)));
}
