/** Makes one cluster of Redis servers, and keeps it one. */
import { setTimeout as sleep } from "node:timers/promises";

import { addressOf, connected, type RedisNode, type Send } from "./redis-client";
import { BUS_PORT } from "./redis-config";
import type { NodesLogin } from "./redis-roles";
import { areSlots, clusterFaults, type KnownNode, parseNodes, slotRanges } from "./redis-slots";

/** Longest wait until every node knows what the others have. */
const FORMING_MS = 60_000;
const POLL_MS = 100;
const ANSWER_MS = 5_000;

type OnNode = <T>(node: RedisNode, act: (send: Send) => Promise<T>) => Promise<T>;

const asAdmin =
  ({ adminUsername: username, adminPassword: password, trusted }: NodesLogin): OnNode =>
  ({ host, port }, act) =>
    connected({ host, port, username, password, trusted, timeoutMs: ANSWER_MS }, act);

/**
 * What is wrong with the cluster, in sentences.
 * @throws what a connection throws
 */
export async function findClusterFaults(
  nodes: readonly RedisNode[],
  login: NodesLogin,
): Promise<string[]> {
  return clusterFaults(await viewsOf(nodes, asAdmin(login)), nodes.map(addressOf));
}

const viewsOf = (nodes: readonly RedisNode[], onNode: OnNode): Promise<KnownNode[][]> =>
  Promise.all(
    nodes.map((node) =>
      onNode(node, async (send) => parseNodes(String(await send("CLUSTER", "NODES")))),
    ),
  );

/**
 * Gives each node its part of the slots, and makes all know each other. Does nothing where that is so. A node that is new,
 * or whose volume was lost, takes the place of the one before; what other nodes have stays. Where a node has slots that are
 * another's, the cluster is made anew, and is empty then: it is a cache.
 * @throws Error with what is still wrong after a minute
 */
export async function formCluster(nodes: readonly RedisNode[], login: NodesLogin): Promise<void> {
  const onNode = asAdmin(login);
  const names = nodes.map(addressOf);
  const faults = async () => clusterFaults(await viewsOf(nodes, onNode), names);
  if ((await faults()).length === 0) {
    return;
  }
  await clearStrangers(nodes, onNode);
  await forgetLost(nodes, onNode);
  if (!(await haveOwnSlots(nodes, onNode))) {
    await Promise.all(nodes.map((node, index) => onNode(node, (send) => clear(send, index))));
  }
  await takeSlots(nodes, onNode);
  await meet(nodes, onNode);
  const deadline = Date.now() + FORMING_MS;
  for (;;) {
    const left = await faults();
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
async function clearStrangers(nodes: readonly RedisNode[], onNode: OnNode): Promise<void> {
  const views = await viewsOf(nodes, onNode);
  const ids = views.map(ownId);
  await Promise.all(
    nodes.map(async (node, index) => {
      const isAlone = !views[index].some(({ id, isSelf }) => !isSelf && ids.includes(id));
      if (isAlone) {
        await onNode(node, (send) => clear(send, index));
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
async function forgetLost(nodes: readonly RedisNode[], onNode: OnNode): Promise<void> {
  const views = await viewsOf(nodes, onNode);
  const ids = views.map(ownId);
  await Promise.all(
    nodes.map((node, index) =>
      onNode(node, async (send) => {
        for (const { id } of views[index].filter((known) => !ids.includes(known.id))) {
          await send("CLUSTER", "FORGET", id).catch(unlessGone);
        }
      }),
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
async function haveOwnSlots(nodes: readonly RedisNode[], onNode: OnNode): Promise<boolean> {
  const wanted = slotRanges(nodes.length);
  return (await viewsOf(nodes, onNode)).every((view, index) => {
    const { slots } = view.find(({ isSelf }) => isSelf)!;
    return slots.length === 0 || areSlots(slots, wanted[index]);
  });
}

async function takeSlots(nodes: readonly RedisNode[], onNode: OnNode): Promise<void> {
  const views = await viewsOf(nodes, onNode);
  await Promise.all(
    slotRanges(nodes.length).map(async ([first, last], index) => {
      if (views[index].find(({ isSelf }) => isSelf)!.slots.length === 0) {
        await onNode(nodes[index], (send) =>
          send("CLUSTER", "ADDSLOTSRANGE", String(first), String(last)),
        );
      }
    }),
  );
}

/** Introduces all nodes to each other by the addresses that they have now. */
async function meet(nodes: readonly RedisNode[], onNode: OnNode): Promise<void> {
  const addresses = await Promise.all(nodes.map((node) => onNode(node, ownAddress)));
  await Promise.all(
    nodes.map((node, index) =>
      onNode(node, async (send) => {
        for (const [other, address] of addresses.entries()) {
          if (other !== index) {
            const { ip, port } = address;
            await send("CLUSTER", "MEET", ip, port, String(BUS_PORT));
          }
        }
      }),
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
