/** Runs in Pulumi's plugin process: what ReplicaSlot does on a server. */
import { isDeepStrictEqual } from "node:util";

import type * as pulumi from "@pulumi/pulumi";

import { endPluginWithEngine } from "../../runtime/engine-lifetime";
import { asAdministrator } from "./postgres-client";
import type { ReplicaSlotInputs } from "./replica-slot-inputs";

endPluginWithEngine();

export async function check(
  _olds: unknown,
  news: ReplicaSlotInputs,
): Promise<pulumi.dynamic.CheckResult> {
  return { inputs: news };
}

const INPUTS = [
  ...["host", "port", "adminUsername", "adminPassword", "trusted", "replica"],
] as (keyof ReplicaSlotInputs)[];

export async function diff(
  _id: string,
  olds: ReplicaSlotInputs,
  news: ReplicaSlotInputs,
): Promise<pulumi.dynamic.DiffResult> {
  return {
    changes: INPUTS.some((key) => !isDeepStrictEqual(olds[key], news[key])),
    replaces: olds.slot === news.slot ? [] : ["slot"],
  };
}

/** Nothing on the server: the replica makes its slot. */
export async function create(inputs: ReplicaSlotInputs): Promise<pulumi.dynamic.CreateResult> {
  return { id: inputs.slot, outs: inputs };
}

export async function update(
  _id: string,
  _olds: ReplicaSlotInputs,
  news: ReplicaSlotInputs,
): Promise<pulumi.dynamic.UpdateResult> {
  return { outs: news };
}

export async function read(
  id: string,
  state: ReplicaSlotInputs,
): Promise<pulumi.dynamic.ReadResult> {
  return { id, props: state };
}

/** Longest wait in milliseconds for the end of a connection whose replica has just been stopped. */
const END_MS = 5_000;

async function remove(_id: string, state: ReplicaSlotInputs): Promise<void> {
  await asAdministrator(state, async (client) => {
    const where = "from pg_replication_slots where slot_name = $1";
    await client.query(
      `select pg_terminate_backend(active_pid, ${END_MS}) ${where} and active_pid is not null`,
      [state.slot],
    );
    await client.query(`select pg_drop_replication_slot(slot_name) ${where}`, [state.slot]);
  });
}
export { remove as delete };
