/** Runs in Pulumi's plugin process: what KafkaCopies does on the brokers. */
import { setTimeout as sleep } from "node:timers/promises";

import type * as pulumi from "@pulumi/pulumi";

import { endPluginWithEngine } from "../../runtime/engine-lifetime";
import { asAdministrator, type KafkaAdministrator, KafkaUnreachableError } from "./kafka-client";
import type { KafkaCopiesInputs } from "./kafka-copies";
import { serverOf } from "./kafka-rights-inputs";

endPluginWithEngine();

/** Milliseconds between two looks at copies that are being made. */
const LOOK_MS = 500;
/** A topic whose copies do not grow for so long is stuck: a broker is down, or its disk is full. */
const STUCK_MS = 120_000;

type Broker = Pick<KafkaAdministrator, "copies" | "setCopies">;

/**
 * Raises the topics that have fewer copies, and waits until each new copy has all records.
 * @throws Error that names the topics whose copies do not become complete
 */
export async function raise(
  broker: Broker,
  { topics, copies }: Pick<KafkaCopiesInputs, "topics" | "copies">,
  { lookMs = LOOK_MS, stuckMs = STUCK_MS } = {},
): Promise<void> {
  const before = await broker.copies(topics);
  const fewer = [...before].filter(([, { all }]) => all < copies).map(([name]) => name);
  if (fewer.length > 0) {
    await broker.setCopies(fewer, copies);
  }
  let [missing, since] = [Infinity, Date.now()];
  for (;;) {
    // Of every topic, as an earlier run may have been interrupted here: one that moves takes no other change.
    const now = await broker.copies(topics);
    const lacking = [...now]
      .filter(([, { inSync, isMoving }]) => isMoving || inSync < copies)
      .map(([name]) => name);
    if (lacking.length === 0) {
      return;
    }
    if (lacking.length < missing) {
      [missing, since] = [lacking.length, Date.now()];
    }
    if (Date.now() - since > stuckMs) {
      throw new Error(
        `The new copies of ${lacking.join(", ")} do not become complete. Nothing is lost. See whether every broker runs and has free disk (npm run status), and run up again.`,
      );
    }
    await sleep(lookMs);
  }
}

export async function check(
  _olds: unknown,
  news: KafkaCopiesInputs,
): Promise<pulumi.dynamic.CheckResult> {
  return { inputs: news };
}

/** A topic that joins the list is created with its copies: that alone is no change. */
export async function diff(
  _id: string,
  olds: KafkaCopiesInputs,
  news: KafkaCopiesInputs,
): Promise<pulumi.dynamic.DiffResult> {
  return { changes: olds.copies !== news.copies };
}

export async function create(inputs: KafkaCopiesInputs): Promise<pulumi.dynamic.CreateResult> {
  await asAdministrator(serverOf(inputs), (administrator) => raise(administrator, inputs));
  return { id: "copies", outs: inputs };
}

export async function update(
  _id: string,
  _olds: KafkaCopiesInputs,
  news: KafkaCopiesInputs,
): Promise<pulumi.dynamic.UpdateResult> {
  await asAdministrator(serverOf(news), (administrator) => raise(administrator, news));
  return { outs: news };
}

/** The fewest copies that a topic has also become the input, so that a plan after a refresh raises them again. */
export async function read(
  id: string,
  state: KafkaCopiesInputs,
): Promise<pulumi.dynamic.ReadResult> {
  try {
    const found = await asAdministrator(serverOf(state), (administrator) =>
      administrator.copies(state.topics),
    );
    const copies = Math.min(state.copies, ...[...found.values()].map(({ all }) => all));
    const props = { ...state, copies };
    return { id, props, inputs: props };
  } catch (error) {
    if (error instanceof KafkaUnreachableError) {
      // The brokers are stopped. The refresh continues, and finds that in the containers.
      return { id, props: state };
    }
    throw error;
  }
}

/** Nothing: topics keep their copies. */
async function remove(): Promise<void> {}
export { remove as delete };
