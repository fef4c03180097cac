/** Makes one cluster of Redis servers, and keeps it one. */
import { setTimeout as sleep } from "node:timers/promises";

import { addressOf, connected, type RedisNode, type Send } from "./redis-client";
import { BUS_PORT } from "./redis-config";
import { infoFields } from "./redis-info";
import type { NodesLogin } from "./redis-roles";
import { areSlots, clusterFaults, type KnownNode, parseNodes, slotRanges } from "./redis-slots";

/** Longest wait until every node knows what the others have. */
const FORMING_MS = 60_000;
const POLL_MS = 100;
const ANSWER_MS = 5_000;

/** Acts on all nodes over a connection to each. */
function onAll<T>(
  nodes: readonly RedisNode[],
  login: NodesLogin,
  act: (sends: readonly Send[]) => Promise<T>,
  sends: readonly Send[] = [],
): Promise<T> {
  if (sends.length === nodes.length) {
    return act(sends);
  }
  const { host, port } = nodes[sends.length];
  const { adminUsername: username, adminPassword: password, trusted } = login;
  return connected({ host, port, username, password, trusted, timeoutMs: ANSWER_MS }, (send) =>
    onAll(nodes, login, act, [...sends, send]),
  );
}

/**
 * What is wrong with the cluster, in sentences.
 * @throws what a connection throws
 */
export const findClusterFaults = (
  nodes: readonly RedisNode[],
  login: NodesLogin,
): Promise<string[]> => onAll(nodes, login, (sends) => faultsOf(sends, nodes.map(addressOf)));

async function faultsOf(sends: readonly Send[], names: readonly string[]): Promise<string[]> {
  const faults = clusterFaults(await viewsOf(sends), names);
  if (faults.length > 0) {
    return faults;
  }
  // A node that has started, or joined, answers no client for two seconds more.
  const states = await Promise.all(
    sends.map(async (send) =>
      infoFields(String(await send("CLUSTER", "INFO"))).get("cluster_state"),
    ),
  );
  return names.filter((_, index) => states[index] !== "ok").map((name) => `${name} takes no keys`);
}

const viewsOf = (sends: readonly Send[]): Promise<KnownNode[][]> =>
  Promise.all(sends.map(async (send) => parseNodes(String(await send("CLUSTER", "NODES")))));

/**
 * Gives each node its part of the slots, and makes all know each other. Does nothing where that is so. A node that is new,
 * or whose volume was lost, takes the place of the one before; what other nodes have stays. Where a node has slots that are
 * another's, the cluster is made anew, and is empty then: it is a cache.
 * @throws Error with what is still wrong after a minute
 */
export const formCluster = (nodes: readonly RedisNode[], login: NodesLogin): Promise<void> =>
  onAll(nodes, login, (sends) => form(sends, nodes.map(addressOf)));

async function form(sends: readonly Send[], names: readonly string[]): Promise<void> {
  if ((await faultsOf(sends, names)).length === 0) {
    return;
  }
  await clearStrangers(sends);
  await forgetLost(sends);
  if (!(await haveOwnSlots(sends))) {
    await Promise.all(sends.map(clear));
  }
  await takeSlots(sends);
  await meet(sends);
  const deadline = Date.now() + FORMING_MS;
  for (;;) {
    const left = await faultsOf(sends, names);
    if (left.length === 0) {
      return;
    }
    if (Date.now() > deadline) {
      throw new Error(`the cluster of the cache is not one:\n${left.join("\n")}`);
    }
    await sleep(POLL_MS);
  }
}

/**
 * Empties nodes that know none of the others: new ones, and one that was the cache alone. From its keys such a node has
 * concluded which slots it has (redis 7.4.1 src/cluster_legacy.c, verifyClusterConfigWithData).
 */
async function clearStrangers(sends: readonly Send[]): Promise<void> {
  const views = await viewsOf(sends);
  const ids = views.map(ownId);
  await Promise.all(
    sends.map(async (send, index) => {
      const isAlone = !views[index].some(({ id, isSelf }) => !isSelf && ids.includes(id));
      if (isAlone) {
        await clear(send, index);
      }
    }),
  );
}

/** Tries at a node to which somebody writes meanwhile. */
const MOST_TRIES = 20;

/** Makes a node forget everything; different epochs spare the nodes a dispute about slots. */
async function clear(send: Send, index: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await send("FLUSHALL");
    try {
      await send("CLUSTER", "RESET", "HARD");
      break;
    } catch (error) {
      if (!/containing keys/.test((error as Error).message) || attempt === MOST_TRIES) {
        throw error;
      }
    }
  }
  await send("CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
}

/** Takes nodes that are no more out of what the others know, with the slots that they had. */
async function forgetLost(sends: readonly Send[]): Promise<void> {
  const views = await viewsOf(sends);
  const ids = views.map(ownId);
  await Promise.all(
    sends.flatMap((send, index) =>
      views[index]
        .filter(({ id }) => !ids.includes(id))
        .map(({ id }) => send("CLUSTER", "FORGET", id).catch(unlessGone)),
    ),
  );
}

/** A node whose introduction failed goes by itself. */
function unlessGone(error: Error): void {
  if (!error.message.includes("Unknown node")) {
    throw error;
  }
}

/** Whether each node has the slots that it should have, or none yet. */
async function haveOwnSlots(sends: readonly Send[]): Promise<boolean> {
  const wanted = slotRanges(sends.length);
  return (await viewsOf(sends)).every((view, index) => {
    const slots = ownSlots(view);
    return slots.length === 0 || areSlots(slots, wanted[index]);
  });
}

async function takeSlots(sends: readonly Send[]): Promise<void> {
  const views = await viewsOf(sends);
  await Promise.all(
    slotRanges(sends.length).map(async ([first, last], index) => {
      if (ownSlots(views[index]).length === 0) {
        await sends[index]("CLUSTER", "ADDSLOTSRANGE", String(first), String(last));
      }
    }),
  );
}

/** Introduces all nodes to each other by the addresses that they have now. */
async function meet(sends: readonly Send[]): Promise<void> {
  const addresses = await Promise.all(sends.map(ownAddress));
  await Promise.all(
    sends.flatMap((send, index) =>
      addresses
        .filter((_, other) => other !== index)
        .map(({ ip, port }) => send("CLUSTER", "MEET", ip, port, String(BUS_PORT))),
    ),
  );
}

/** Where the node itself sees this connection end: its address on its network, whatever leads there. */
async function ownAddress(send: Send): Promise<{ ip: string; port: string }> {
  const info = String(await send("CLIENT", "INFO"));
  const [, ip, port] = /\bladdr=(\S+):(\d+)\b/.exec(info) ?? [];
  if (ip === undefined) {
    throw new Error("a node does not tell its address");
  }
  return { ip, port };
}

const ownId = (view: KnownNode[]): string | undefined => view.find(({ isSelf }) => isSelf)?.id;

const ownSlots = (view: KnownNode[]) => view.find(({ isSelf }) => isSelf)?.slots ?? [];
