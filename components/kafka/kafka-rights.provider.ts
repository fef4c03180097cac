/** Runs in Pulumi's plugin process: what KafkaRights does on a broker. */
import { isDeepStrictEqual } from "node:util";

import type * as pulumi from "@pulumi/pulumi";

import type { Rights } from "../../catalog/right-lines";
import { endPluginWithEngine } from "../../runtime/engine-lifetime";
import { aclsOf, rightsOf, userPrincipal } from "./kafka-acls";
import {
  asAdministrator,
  type KafkaAcl,
  type KafkaAdministrator,
  KafkaUnreachableError,
} from "./kafka-client";
import { type KafkaRightsInputs, serverOf } from "./kafka-rights-inputs";

endPluginWithEngine();

interface KafkaRightsState extends KafkaRightsInputs {
  /** What was made, where `rights` is what a refresh found instead. */
  made?: Rights;
}

const CONNECTION = ["bootstrapServers", "adminUsername", "adminPassword", "trusted"] as const;
const MANAGED = ["principal", "rights"] as const;

/** The ACLs of some that others do not hold. */
function without(acls: KafkaAcl[], others: KafkaAcl[]): KafkaAcl[] {
  return acls.filter((acl) => !others.some((other) => isDeepStrictEqual(acl, other)));
}

/** Makes what is wanted, then takes away what was and is wanted no more: no right that stays is missing meanwhile. */
export async function change(
  administrator: KafkaAdministrator,
  { principal, rights }: Pick<KafkaRightsInputs, "principal" | "rights">,
  olds: KafkaAcl[],
): Promise<void> {
  const wanted = aclsOf(principal, rights);
  await administrator.createAcls(wanted);
  await administrator.deleteAcls(without(olds, wanted));
}

/** The state with the rights that the broker has. */
export async function seen(
  administrator: KafkaAdministrator,
  state: KafkaRightsState,
): Promise<KafkaRightsState> {
  const { made = state.rights, ...inputs } = state;
  const rights = rightsOf(await administrator.acls(userPrincipal(state.principal)));
  return isDeepStrictEqual(rights, made) ? { ...inputs, rights } : { ...inputs, rights, made };
}

/** Takes away what was made, and leaves what somebody else gave the user. */
export async function undo(
  administrator: KafkaAdministrator,
  { principal, rights, made = rights }: KafkaRightsState,
): Promise<void> {
  await administrator.deleteAcls(aclsOf(principal, made));
}

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
    // A broker that answers elsewhere is the same broker, with its data; another name is another user.
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

/** What the broker has becomes the inputs, too, so that a plan after a refresh shows each right that differs. */
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
      // A refresh of a stack whose broker is stopped goes on, and finds that it is stopped.
      return { id, props: state };
    }
    throw error;
  }
}

async function remove(_id: string, state: KafkaRightsState): Promise<void> {
  await asAdministrator(serverOf(state), (administrator) => undo(administrator, state));
}
export { remove as delete };
