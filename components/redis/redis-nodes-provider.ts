/** What the providers of servers that belong together have in common. */
import { isDeepStrictEqual } from "node:util";

import type * as pulumi from "@pulumi/pulumi";

import { isUnreachable, type RedisNode } from "./redis-client";
import type { Refreshed } from "./redis-nodes-inputs";
import type { NodesLogin } from "./redis-roles";

interface Inputs extends NodesLogin {
  nodes: RedisNode[];
  containers: string[];
}

const INPUTS = ["nodes", "containers", "adminUsername", "adminPassword", "trusted"] as const;

/**
 * A resource that is what its nodes say: an update repairs it, and its deletion leaves them alone.
 * @param repair does nothing where nothing is wrong
 * @param findFaults throws where a node does not answer
 */
export const nodesProvider = <I extends Inputs>(
  repair: (inputs: I) => Promise<unknown>,
  findFaults: (inputs: I) => Promise<string[]>,
): Required<
  Pick<pulumi.dynamic.ResourceProvider, "check" | "diff" | "create" | "update" | "read" | "delete">
> => ({
  async check(_olds: unknown, news: I) {
    return { inputs: news };
  },
  async diff(_id: string, olds: Refreshed<I>, news: I) {
    const changed = INPUTS.some((key) => !isDeepStrictEqual(olds[key], news[key]));
    return { changes: changed || olds.drifted, replaces: [] };
  },
  async create(inputs: I) {
    await repair(inputs);
    const [{ host, port }] = inputs.nodes;
    return { id: `${host}:${port}`, outs: { ...inputs, drifted: false } };
  },
  async update(_id: string, _olds: Refreshed<I>, news: I) {
    await repair(news);
    return { outs: { ...news, drifted: false } };
  },
  async read(id: string, state: Refreshed<I>) {
    try {
      return { id, props: { ...state, drifted: (await findFaults(state)).length > 0 } };
    } catch (error) {
      // Nothing is known of a server that is stopped. The refresh continues, and finds that in the container.
      if (isUnreachable(error as Error)) {
        return { id, props: state };
      }
      throw error;
    }
  },
  async delete() {
    // The nodes go with their containers.
  },
});
