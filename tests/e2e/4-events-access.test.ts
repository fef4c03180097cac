import assert from "node:assert/strict";

import {
  type Admin,
  ConfigResourceTypes,
  type Producer,
  type ProducerConfig,
  type ProducerRecord,
  type SASLOptions,
} from "kafkajs";
import { parse } from "yaml";

import { SERVICES, TOPIC_USE, TOPICS } from "../support/contract";
import { docker, networkOf, openPorts } from "./support/docker";
import { platform } from "./support/hooks";
import { clientOf, consumption, GRANTED, type Listener, outcome } from "./support/kafka";
import { administratorActs } from "./support/kafka-acts";
import { generatedPasswords } from "./support/passwords";

/** Stack `dev` has one more topic, which all services write and read. */
const TEST_TOPIC = "test-topic";
const ALL_TOPICS = [...Object.keys(TOPICS), TEST_TOPIC];

const USE: Record<string, { writes: string[]; reads: string[] }> = {
  ...TOPIC_USE,
  ...Object.fromEntries(
    SERVICES.map((service) => [
      service,
      {
        writes: [...TOPIC_USE[service].writes, TEST_TOPIC],
        reads: [...TOPIC_USE[service].reads, TEST_TOPIC],
      },
    ]),
  ),
};
/** The user of Redpanda Console: it sees everything, changes nothing, and has no consumer group. */
const CONSOLE = "platform-console";
const PRINCIPALS = Object.keys(USE);
const useOf = (principal: string) => USE[principal] ?? { writes: [], reads: ALL_TOPICS };

const NO_TOPIC = "TOPIC_AUTHORIZATION_FAILED";
const NO_GROUP = "GROUP_AUTHORIZATION_FAILED";
const NO_TRANSACTION = "TRANSACTIONAL_ID_AUTHORIZATION_FAILED";

const messageTo = (topic: string): ProducerRecord => ({
  topic,
  messages: [{ value: "isolation" }],
});

const rightsOn = (topics: string[], granted: string[]) =>
  Object.fromEntries(topics.map((topic) => [topic, granted.includes(topic) ? GRANTED : NO_TOPIC]));

describe("The Kafka API of stack dev", () => {
  const passwords: Record<string, string> = {};
  let listeners: Listener[];

  const login = (username: string, password = passwords[username]): SASLOptions => ({
    mechanism: "scram-sha-256",
    username,
    password,
  });
  const published = () => listeners.find(({ name }) => name === "external")!;

  before(async () => {
    const { administrators, accessPoints, services } = platform().outputs;
    for (const { username, password } of [
      administrators.kafka,
      administrators.kafkaOperator,
      ...Object.values(services).map(({ kafka }) => kafka),
    ]) {
      passwords[username] = password;
    }
    const generated = await generatedPasswords();
    passwords[CONSOLE] = generated.find(({ name }) => name === `events-${CONSOLE}-password`)!.text;
    listeners = await readListeners(accessPoints.kafka.container);
    // Each topic needs a message, so that a user that may read it receives one.
    const { username } = administrators.kafka;
    await withProducer(published(), username, (producer) =>
      Promise.all(ALL_TOPICS.map((topic) => producer.send(messageTo(topic)))),
    );
  });

  /** All configured listeners of the broker: the host's by its port, the others by the container's address. */
  async function readListeners(container: string): Promise<Listener[]> {
    const settings = parse(
      await docker("exec", container, "cat", "/etc/redpanda/redpanda.yaml"),
    ) as {
      redpanda: { kafka_api: { name: string; port: number }[] };
    };
    const network = await networkOf(container);
    const format = `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`;
    const address = await docker("inspect", "--format", format, container);
    const [host, port] =
      platform().outputs.services["user-service"].kafka.bootstrapServers.split(":");
    return settings.redpanda.kafka_api.map((listener) =>
      listener.name === "external"
        ? { name: listener.name, host, port: Number(port) }
        : { name: listener.name, host: address, port: listener.port },
    );
  }

  async function withProducer<T>(
    listener: Listener,
    principal: string,
    act: (producer: Producer) => Promise<T>,
    config?: ProducerConfig,
    said?: string[],
  ): Promise<T> {
    const producer = clientOf(listener, login(principal), said).producer(config);
    await producer.connect();
    try {
      return await act(producer);
    } finally {
      await producer.disconnect();
    }
  }

  async function withAdmin<T>(
    principal: string,
    act: (admin: Admin) => Promise<T>,
    said?: string[],
  ): Promise<T> {
    const admin = clientOf(published(), login(principal), said).admin();
    await admin.connect();
    try {
      return await act(admin);
    } finally {
      await admin.disconnect();
    }
  }

  for (const principal of [...PRINCIPALS, CONSOLE]) {
    const { writes, reads } = useOf(principal);

    it(`accepts messages from ${principal} only on the topics that it writes`, async () => {
      const found: Record<string, string> = {};
      await withProducer(published(), principal, async (producer) => {
        for (const topic of ALL_TOPICS) {
          found[topic] = await outcome(producer.send(messageTo(topic)));
        }
      });
      assert.deepEqual(found, rightsOn(ALL_TOPICS, writes));
    });

    it(`keeps ${principal} out of the consumer groups of others`, async () => {
      const groups = [
        ...PRINCIPALS.filter((other) => other !== principal).map((other) => `${other}.isolation`),
        // A name without a dot or hyphen after the user's name, and an unrelated name.
        `${principal}2.isolation`,
        `${principal}_isolation`,
        "isolation",
      ];
      const found = await Promise.all(
        groups.map(async (group) => [
          group,
          await consumption(published(), login(principal), group, reads[0]),
        ]),
      );
      assert.deepEqual(
        Object.fromEntries(found),
        Object.fromEntries(groups.map((group) => [group, NO_GROUP])),
      );
    });

    it(`shows ${principal} only the topics that it uses`, async () => {
      const { topics } = await withAdmin(principal, (admin) => admin.fetchTopicMetadata());
      assert.deepEqual(
        // The broker's own topics start with an underscore.
        topics.flatMap(({ name }) => (name.startsWith("_") ? [] : [name])).sort(),
        [...new Set([...writes, ...reads])].sort(),
      );
    });

    it(`refuses administrator actions of ${principal}, also on its own topics`, async () => {
      const acts = administratorActs(principal, writes[0] ?? "user-events");
      const seen = [
        "read a topic's settings",
        ...(principal === CONSOLE ? ["read the rights"] : []),
      ];
      const found: Record<string, string> = {};
      await withAdmin(principal, async (admin) => {
        for (const [name, { act }] of Object.entries(acts)) {
          found[name] = await outcome(act(admin));
        }
      });
      const expected = Object.entries(acts).map(([name, { code }]) => [
        name,
        seen.includes(name) ? GRANTED : code,
      ]);
      assert.deepEqual(found, Object.fromEntries(expected));
    });
  }

  for (const principal of PRINCIPALS) {
    const others = PRINCIPALS.filter((other) => other !== principal);
    const namesOf = (name: string) => [name, `${name}.isolation-names`, `${name}-isolation-names`];
    const foreign = [...others.flatMap(namesOf), `${principal}2`, `${principal}_x`, "isolation"];
    const answers = (refused: string) =>
      Object.fromEntries([
        ...namesOf(principal).map((name) => [name, GRANTED]),
        ...foreign.map((name) => [name, refused]),
      ]);

    it(`lets ${principal} use and delete only its own groups`, async () => {
      const topic = USE[principal].reads[0];
      const joined = await Promise.all(
        namesOf(principal).map((group) => consumption(published(), login(principal), group, topic)),
      );
      assert.deepEqual(joined, [GRANTED, GRANTED, GRANTED]);
      const found: Record<string, string> = {};
      const said: string[] = [];
      const deleteAll = async (admin: Admin) => {
        for (const group of [...namesOf(principal), ...foreign]) {
          found[group] = await outcome(admin.deleteGroups([group]), said);
        }
      };
      await withAdmin(principal, deleteAll, said);
      assert.deepEqual(found, answers(NO_GROUP));
    });

    it(`accepts transactions of ${principal} only under its own ids`, async () => {
      const found: Record<string, string> = {};
      const topic = USE[principal].writes[0];
      for (const transactionalId of [...namesOf(principal), ...foreign]) {
        const transact = async (producer: Producer) => {
          const transaction = await producer.transaction();
          await transaction.send(messageTo(topic));
          await transaction.abort();
        };
        const config = { transactionalId, idempotent: true, maxInFlightRequests: 1 };
        const said: string[] = [];
        found[transactionalId] = await outcome(
          withProducer(published(), principal, transact, config, said),
          said,
        );
      }
      assert.deepEqual(found, answers(NO_TRANSACTION));
    });

    it(`shows ${principal} the settings of only the topics that it uses`, async () => {
      const { writes, reads } = USE[principal];
      const found: Record<string, string> = {};
      await withAdmin(principal, async (admin) => {
        for (const name of ALL_TOPICS) {
          const resources = [{ type: ConfigResourceTypes.TOPIC, name }];
          found[name] = await outcome(admin.describeConfigs({ includeSynonyms: false, resources }));
        }
      });
      assert.deepEqual(found, rightsOn(ALL_TOPICS, [...writes, ...reads]));
    });

    it(`delivers to ${principal} only messages of the topics that it reads`, async () => {
      const found = await Promise.all(
        ALL_TOPICS.map(async (topic) => {
          const group = `${principal}.isolation.${topic}`;
          return [topic, await consumption(published(), login(principal), group, topic)];
        }),
      );
      assert.deepEqual(Object.fromEntries(found), rightsOn(ALL_TOPICS, USE[principal].reads));
    });
  }

  it("lets each service use an idempotent producer, the default of newer clients", async () => {
    for (const service of SERVICES) {
      const send = (producer: Producer) => producer.send(messageTo(USE[service].writes[0]));
      const sending = withProducer(published(), service, send, { idempotent: true });
      assert.equal(await outcome(sending), GRANTED, service);
    }
  });

  it("requires a login on every listener, for the host and for the network", async () => {
    assert.deepEqual(listeners.map(({ name }) => name).sort(), ["external", "internal"]);
    const logins: [title: string, login: SASLOptions | undefined, answer: string][] = [
      ["no login", undefined, "KafkaJSConnectionClosedError"],
      ["a wrong password", login("user-service", "wrong"), "KafkaJSSASLAuthenticationError"],
      [
        "an administrator's wrong password",
        login("platform-admin", "wrong"),
        "KafkaJSSASLAuthenticationError",
      ],
      ["an unknown user", login("nobody", "wrong"), "KafkaJSSASLAuthenticationError"],
      [
        "another's password",
        login("user-service", passwords["payment-service"]),
        "KafkaJSSASLAuthenticationError",
      ],
      [
        "a password in plain text",
        { mechanism: "plain", username: "user-service", password: passwords["user-service"] },
        "UNSUPPORTED_SASL_MECHANISM",
      ],
      ["a user of its own", login("user-service"), GRANTED],
    ];
    for (const listener of listeners) {
      for (const [title, sasl, answer] of logins) {
        const admin = clientOf(listener, sasl).admin();
        // Without a login the connection opens, and the first request closes it.
        const found = await outcome(admin.connect().then(() => admin.fetchTopicMetadata()));
        await admin.disconnect();
        assert.equal(found, answer, `${title} on ${listener.name}`);
      }
    }
  });

  it("gives a service the same rights on every listener", async () => {
    for (const listener of listeners) {
      const found: string[] = [];
      await withProducer(listener, "user-service", async (producer) => {
        for (const topic of ["user-events", "payment-events"]) {
          found.push(await outcome(producer.send(messageTo(topic))));
        }
      });
      const sasl = login("user-service");
      const [own, other] = await Promise.all(
        ["user-service", "payment-service"].map((service) =>
          consumption(listener, sasl, `${service}.isolation-listener`, "payment-events"),
        ),
      );
      assert.deepEqual(
        [...found, own, other],
        [GRANTED, NO_TOPIC, GRANTED, NO_GROUP],
        listener.name,
      );
    }
  });

  it("opens no other port of its container to the network, except the registry and the admin API", async () => {
    const { container } = platform().outputs.accessPoints.kafka;
    assert.deepEqual(await openPorts(container), [8081, 9092, 9644, 19_092]);
  });
});
