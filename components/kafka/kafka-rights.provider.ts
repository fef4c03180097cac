/** Runs in Pulumi's plugin process: what KafkaRights does on a broker. */
import { isDeepStrictEqual } from "node:util";

import type * as pulumi from "@pulumi/pulumi";

import type { Rights } from "../../catalog/right-lines";
import { endPluginWithEngine } from "../../runtime/engine-lifetime";
import { aclsOf, ownRights, rightsOf, userPrincipal } from "./kafka-acls";
import {
  asAdministrator,
  type KafkaAcl,
  type KafkaAdministrator,
  KafkaUnreachableError,
} from "./kafka-client";
import { type KafkaRightsInputs, serverOf } from "./kafka-rights-inputs";

endPluginWithEngine();

interface KafkaRightsState extends KafkaRightsInputs {
  /** The rights that were created, if a refresh found others, which `rights` then has. */
  made?: Rights;
}

const CONNECTION = [
  ...(["bootstrapServers", "saslMechanism", "adminUsername", "adminPassword", "trusted"] as const),
];
const MANAGED = ["principal", "rights", "atLeast", "deletesGroups"] as const;

/** The ACLs that are not among others. */
function without(acls: KafkaAcl[], others: KafkaAcl[]): KafkaAcl[] {
  return acls.filter((acl) => !others.some((other) => isDeepStrictEqual(acl, other)));
}

/** Creates the wanted rights, then removes those not wanted any more: no right that stays is missing in between. */
export async function change(
  administrator: KafkaAdministrator,
  { principal, rights }: Pick<KafkaRightsInputs, "principal" | "rights">,
  olds: KafkaAcl[],
): Promise<void> {
  const wanted = aclsOf(principal, rights);
  await administrator.createAcls(wanted);
  await administrator.deleteAcls(without(olds, wanted));
}

/** The state with the rights that the broker has now. */
export async function seen(
  administrator: KafkaAdministrator,
  state: KafkaRightsState,
): Promise<KafkaRightsState> {
  const { made = state.rights, ...inputs } = state;
  const rights = ownRights(
    rightsOf(await administrator.acls(userPrincipal(state.principal))),
    made,
    state.atLeast,
  );
  return isDeepStrictEqual(rights, made) ? { ...inputs, rights } : { ...inputs, rights, made };
}

/**
 * Removes the rights that were created, and keeps those that somebody else gave the user.
 * @returns names of consumer groups that should go too, and have members
 */
export async function undo(
  administrator: KafkaAdministrator,
  { principal, rights, made = rights, deletesGroups }: KafkaRightsState,
): Promise<string[]> {
  const acls = aclsOf(principal, made);
  await administrator.deleteAcls(acls);
  if (!deletesGroups) {
    return [];
  }
  const groups = await administrator.groups();
  return administrator.deleteGroups(groups.filter((group) => mayDelete(acls, group)));
}

/** Whether the rights name this consumer group, or a start of its name, as one that may be deleted. */
const mayDelete = (acls: readonly KafkaAcl[], group: string) =>
  acls.some(
    ({ operation, resourceType, resourceName, pattern }) =>
      operation === "Delete" &&
      resourceType === "Group" &&
      (pattern === "Literal" ? group === resourceName : group.startsWith(resourceName)),
  );

export async function check(
  _olds: unknown,
  news: KafkaRightsInputs,
): Promise<pulumi.dynamic.CheckResult> {
  return { inputs: news };
}

export async function diff(
  _id: string,
  olds: KafkaRightsState,
  news: KafkaRightsInputs,
): Promise<pulumi.dynamic.DiffResult> {
  return {
    changes: [...CONNECTION, ...MANAGED].some((key) => !isDeepStrictEqual(olds[key], news[key])),
    // A broker with a new address is the same broker, with its data. Another name is another user.
    replaces: olds.principal === news.principal ? [] : ["principal"],
    deleteBeforeReplace: false,
  };
}

export async function create(inputs: KafkaRightsInputs): Promise<pulumi.dynamic.CreateResult> {
  await asAdministrator(serverOf(inputs), (administrator) => change(administrator, inputs, []));
  return { id: `${inputs.bootstrapServers}/${inputs.principal}`, outs: inputs };
}

export async function update(
  _id: string,
  olds: KafkaRightsState,
  news: KafkaRightsInputs,
): Promise<pulumi.dynamic.UpdateResult> {
  await asAdministrator(serverOf(news), (administrator) =>
    change(administrator, news, aclsOf(olds.principal, olds.rights)),
  );
  return { outs: news };
}

/** The rights on the broker also become the inputs, so that a plan after a refresh shows each right that differs. */
export async function read(
  id: string,
  state: KafkaRightsState,
): Promise<pulumi.dynamic.ReadResult> {
  try {
    const props = await asAdministrator(serverOf(state), (administrator) =>
      seen(administrator, state),
    );
    const inputs = { ...props };
    delete inputs.made;
    return { id, props, inputs };
  } catch (error) {
    if (error instanceof KafkaUnreachableError) {
      // The broker is stopped. The refresh continues, and finds that in the container.
      return { id, props: state };
    }
    throw error;
  }
}

async function remove(_id: string, state: KafkaRightsState): Promise<void> {
  const left = await asAdministrator(serverOf(state), (administrator) =>
    undo(administrator, state),
  );
  for (const group of left) {
    // eslint-disable-next-line no-console
    console.log(`Consumer group ${group} is left: it has members. Stop them, and delete it.`);
  }
}
export { remove as delete };
