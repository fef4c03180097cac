/**
 * Five environments of pull requests side by side. They need 9 GiB of memory, and a machine with nothing else to do: on two
 * cores that others used, a server's health check once gave up before it was started.
 */
import assert from "node:assert/strict";

import { Checkout } from "../e2e/support/checkout";
import { kafkaAs, type Outputs, withDatabase, withRedis } from "../e2e/support/clients";
import { named } from "../e2e/support/docker";
import { readOutputs } from "../e2e/support/hooks";

const STACKS = ["pr-751", "pr-752", "pr-753", "pr-754", "pr-755"];
const KINDS = ["container", "volume", "network"] as const;

/** Runs a command on every stack at the same time; all of them end before one fails. */
async function onAll<T>(act: (stack: string) => Promise<T>): Promise<T[]> {
  const acts = STACKS.map(act);
  await Promise.allSettled(acts);
  return Promise.all(acts);
}

const objects = async (stack: string) =>
  (await Promise.all(KINDS.map((kind) => named(kind, `learning-platform-${stack}-`)))).flat();

describe("Five stacks at once", function () {
  // Nothing can be said of stacks that are not up.
  this.bail(true);
  const checkout = new Checkout();
  const outputs = new Map<string, Outputs>();
  after(() => checkout.cleanUp(...STACKS));

  it("come up, each on ports of its own", async () => {
    await onAll((stack) => checkout.npmOk("up", ["--stack", stack]));
    for (const stack of STACKS) {
      outputs.set(stack, await readOutputs(checkout, stack));
    }
    const addresses = [...outputs.values()].flatMap(({ accessPoints }) =>
      Object.values(accessPoints).map(({ address }) => address),
    );
    assert.strictEqual(addresses.length, 7 * STACKS.length);
    assert.strictEqual(new Set(addresses).size, addresses.length, addresses.join());
  });

  it("answer each for itself: a row, a key and a message of one are not in another", async () => {
    await onAll((stack) => write(outputs.get(stack)!, stack));
    for (const stack of STACKS) {
      const own = { users: [`${stack}@example.com`], key: stack, messages: 1 };
      assert.deepStrictEqual(await read(outputs.get(stack)!), own, stack);
    }
  });

  it("do not change in a preview", async () => {
    for (const stack of STACKS) {
      const printed = await checkout.npmOk("preview", ["--stack", stack]);
      assert.match(printed, new RegExp(`^Plan for stack ${stack}: \\d+ unchanged$`, "m"));
    }
  });

  it("are gone after down, with every file", async () => {
    await onAll((stack) => checkout.npmOk("down", ["--stack", stack]));
    for (const stack of STACKS) {
      assert.deepStrictEqual(await objects(stack), [], stack);
    }
  });
});

const KEY = "user-service:drill";
const TOPIC = "user-events";

/** Writes a row, a key and a message as one of the services. */
async function write({ services }: Outputs, text: string): Promise<void> {
  const { database, cache, kafka } = services["user-service"];
  await withDatabase(database.url, (client) =>
    client.query(
      `insert into users (email, password_hash, first_name, last_name) values ($1, 'x', 'A', 'B')`,
      [`${text}@example.com`],
    ),
  );
  await withRedis(cache.url, (client) =>
    client.set(KEY, text, { expiration: { type: "EX", value: 3600 } }),
  );
  const producer = kafkaAs(kafka.bootstrapServers, kafka).producer();
  await producer.connect();
  try {
    await producer.send({ topic: TOPIC, messages: [{ key: text, value: text }] });
  } finally {
    await producer.disconnect();
  }
}

async function read({ services, administrators }: Outputs) {
  const { database, cache, kafka } = services["user-service"];
  const { rows } = await withDatabase(database.url, (client) =>
    client.query<{ email: string }>("select email from users"),
  );
  const key = await withRedis(cache.url, (client) => client.get(KEY));
  const admin = kafkaAs(kafka.bootstrapServers, administrators.kafka).admin();
  await admin.connect();
  try {
    const ends = await admin.fetchTopicOffsets(TOPIC);
    const messages = ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
    return { users: rows.map(({ email }) => email), key, messages };
  } finally {
    await admin.disconnect();
  }
}
