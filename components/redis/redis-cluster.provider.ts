/** Runs in Pulumi's plugin process: makes one cluster of servers. */
import { endPluginWithEngine } from "../../runtime/engine-lifetime";
import { findClusterFaults, formCluster } from "./redis-forming";
import type { RedisClusterInputs } from "./redis-nodes-inputs";
import { nodesProvider } from "./redis-nodes-provider";

endPluginWithEngine();

const provider = nodesProvider<RedisClusterInputs>(
  (inputs) => formCluster(inputs.nodes, inputs),
  (inputs) => findClusterFaults(inputs.nodes, inputs),
);

export const { check, diff, create, update, read } = provider;
export { remove as delete };
const remove = provider.delete;
