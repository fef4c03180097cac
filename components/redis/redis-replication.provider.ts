/** Runs in Pulumi's plugin process: sees to it that one server follows the other. */
import { endPluginWithEngine } from "../../runtime/engine-lifetime";
import type { RedisReplicationInputs } from "./redis-nodes-inputs";
import { nodesProvider } from "./redis-nodes-provider";
import { agreeOnRoles, findRoleFaults } from "./redis-roles";

endPluginWithEngine();

const provider = nodesProvider<RedisReplicationInputs>(
  (inputs) => agreeOnRoles(inputs.nodes, inputs),
  (inputs) => findRoleFaults(inputs.nodes, inputs),
);

export const { check, diff, create, update, read } = provider;
export { remove as delete };
const remove = provider.delete;
