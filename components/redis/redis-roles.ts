/** Which of two Redis servers is the primary, and how one takes the place of the other. */
import { setTimeout as sleep } from "node:timers/promises";

import { parseAddress } from "../platform/address";
import { addressOf, connected, type RedisNode, type Send } from "./redis-client";
import { infoFields } from "./redis-info";

/** One of two servers of which one follows the other. */
export interface ReplicatedNode extends RedisNode {
  /** host:port by which the other one reaches it. */
  internalAddress: string;
}

/** How to log in to every node as its administrator. */
export interface NodesLogin {
  adminUsername: string;
  adminPassword: string;
  trusted?: string;
}

/** What a node says of itself. */
export interface NodeRole {
  node: ReplicatedNode;
  isPrimary: boolean;
  /** host:port of the server that it follows; undefined for a primary. */
  follows?: string;
  /** Whether it is connected to the server that it follows, and has what that has. */
  isLinked: boolean;
  keys: number;
}

/** Longest wait until a replica has copied what its primary has. */
const LINK_MS = 60_000;
/** Longest pause of writes while the replica catches up. */
const FAILOVER_MS = 10_000;
const POLL_MS = 50;
const ANSWER_MS = 5_000;

/** @throws what the connection throws */
export const roleOf = (node: ReplicatedNode, login: NodesLogin): Promise<NodeRole> =>
  onNode(node, login, async (send) => {
    const [info, keys] = await Promise.all([send("INFO", "replication"), send("DBSIZE")]);
    const fields = infoFields(String(info));
    const isPrimary = fields.get("role") === "master";
    return {
      ...{ node, isPrimary, keys: Number(keys) },
      ...(isPrimary
        ? {}
        : { follows: `${fields.get("master_host")}:${fields.get("master_port")}` }),
      isLinked: fields.get("master_link_status") === "up",
    };
  });

/**
 * The node that must be the primary: the one that is, or that has keys where the other has none.
 * @throws Error where both are primaries with keys: only a person knows which ones may be lost
 */
export function choosePrimary(found: readonly NodeRole[]): ReplicatedNode {
  const primaries = found.filter(({ isPrimary }) => isPrimary);
  const candidates = primaries.length > 0 ? primaries : found;
  const filled = candidates.filter(({ keys }) => keys > 0);
  if (primaries.length > 1 && filled.length > 1) {
    const each = filled.map(({ node, keys }) => `${node.internalAddress} with ${keys} keys`);
    throw new Error(
      `both servers of the sessions are primaries (${each.join(", ")}): docs/redis.md says how to choose one`,
    );
  }
  return [...candidates].sort((a, b) => b.keys - a.keys)[0].node;
}

/**
 * What is wrong with the roles, in sentences.
 * @throws what a connection throws
 */
export const findRoleFaults = async (
  nodes: readonly ReplicatedNode[],
  login: NodesLogin,
): Promise<string[]> => roleFaults(await Promise.all(nodes.map((node) => roleOf(node, login))));

/** What is wrong with the roles, in sentences; empty where one node is the primary and the others follow it. */
export function roleFaults(found: readonly NodeRole[]): string[] {
  const primaries = found.filter(({ isPrimary }) => isPrimary);
  if (primaries.length !== 1) {
    return [primaries.length === 0 ? "no node is the primary" : "both nodes are primaries"];
  }
  const [{ node: primary }] = primaries;
  return found
    .filter(({ isPrimary }) => !isPrimary)
    .flatMap(({ node, follows, isLinked }) =>
      follows !== primary.internalAddress
        ? [`${addressOf(node)} follows ${follows} instead of ${primary.internalAddress}`]
        : isLinked
          ? []
          : [`${addressOf(node)} has lost its primary`],
    );
}

/**
 * Makes one node the primary and all others follow it, where that is not so already. A failover before stays.
 * @returns the primary
 * @throws Error where nobody can tell which node has what must stay, or where a replica does not get its copy
 */
export async function agreeOnRoles(
  nodes: readonly ReplicatedNode[],
  login: NodesLogin,
): Promise<ReplicatedNode> {
  const found = await Promise.all(nodes.map((node) => roleOf(node, login)));
  const primary = choosePrimary(found);
  await follow(found, primary, login);
  return primary;
}

/** Makes one node the primary, and the others its replicas. */
async function follow(
  found: readonly NodeRole[],
  primary: ReplicatedNode,
  login: NodesLogin,
): Promise<void> {
  const isIt = ({ node }: NodeRole) => node.internalAddress === primary.internalAddress;
  if (!found.find(isIt)!.isPrimary) {
    await setRole(primary, undefined, login);
  }
  for (const role of found.filter((each) => !isIt(each))) {
    if (role.follows !== primary.internalAddress) {
      await setRole(role.node, primary, login);
    }
    await linked(role.node, login);
  }
}

/**
 * Gives the primary's place to another node, without losing a write: the primary refuses none and answers none until the
 * other has all of them (redis 7.4.1 src/replication.c, failoverCommand).
 * @throws Error where the replica does not catch up in time; then nothing has changed
 */
export async function failOver(
  from: ReplicatedNode,
  to: ReplicatedNode,
  login: NodesLogin,
): Promise<void> {
  const { host, port } = parseAddress(to.internalAddress);
  await onNode(from, login, (send) =>
    send(...["FAILOVER", "TO", host, String(port), "TIMEOUT", String(FAILOVER_MS)]),
  );
  const deadline = Date.now() + 2 * FAILOVER_MS;
  for (;;) {
    const [before, after] = await Promise.all([roleOf(from, login), roleOf(to, login)]);
    if (!before.isPrimary && after.isPrimary) {
      await keepRoles([from, to], login);
      return linked(from, login);
    }
    if (Date.now() > deadline) {
      throw new Error(
        `${to.internalAddress} did not catch up; ${from.internalAddress} stays the primary`,
      );
    }
    await sleep(POLL_MS);
  }
}

/** Makes a node the primary, whatever the other one does: what that has and this one has not is lost. */
export async function promote(
  to: ReplicatedNode,
  others: readonly ReplicatedNode[],
  login: NodesLogin,
): Promise<void> {
  await setRole(to, undefined, login);
  for (const other of others) {
    await setRole(other, to, login);
    await linked(other, login);
  }
}

async function setRole(
  node: ReplicatedNode,
  primary: ReplicatedNode | undefined,
  login: NodesLogin,
): Promise<void> {
  const { host, port } =
    primary === undefined ? { host: "NO", port: "ONE" } : parseAddress(primary.internalAddress);
  await onNode(node, login, async (send) => {
    await send("REPLICAOF", host, String(port));
    await send("CONFIG", "REWRITE");
  });
}

/** Writes the roles where the servers read them at their next start. */
const keepRoles = (nodes: readonly ReplicatedNode[], login: NodesLogin) =>
  Promise.all(nodes.map((node) => onNode(node, login, (send) => send("CONFIG", "REWRITE"))));

async function linked(node: ReplicatedNode, login: NodesLogin): Promise<void> {
  const deadline = Date.now() + LINK_MS;
  while (!(await roleOf(node, login)).isLinked) {
    if (Date.now() > deadline) {
      throw new Error(`${node.internalAddress} cannot copy what its primary has; see docker logs`);
    }
    await sleep(POLL_MS);
  }
}

const onNode = <T>(
  { host, port }: RedisNode,
  { adminUsername, adminPassword, trusted }: NodesLogin,
  act: (send: Send) => Promise<T>,
): Promise<T> =>
  connected(
    { host, port, username: adminUsername, password: adminPassword, trusted, timeoutMs: ANSWER_MS },
    act,
  );
