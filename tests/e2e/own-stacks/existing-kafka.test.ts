import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";

import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type KafkaConfig,
  logLevel,
  ResourcePatternTypes,
} from "kafkajs";
import { stringify } from "yaml";

import { type CheckedKafka, checkKafka } from "../../../components/kafka/kafka-check";
import type { ServiceConnections } from "../../../contract/connections";
import { TOPIC_USE, TOPICS } from "../../support/contract";
import { Brokers } from "../support/brokers";
import { Checkout } from "../support/checkout";
import type { Outputs } from "../support/clients";
import { docker } from "../support/docker";
import { readOutputs } from "../support/hooks";
import { GRANTED, outcome } from "../support/kafka";
import { lostIn } from "../support/outage";

const STACK = "kxshared";
const SERVICE = "user-service";
const NO_TOPIC = "TOPIC_AUTHORIZATION_FAILED";
const NO_GROUP = "GROUP_AUTHORIZATION_FAILED";

/** Three brokers that take SCRAM-SHA-512 alone, and let everybody do what no right forbids: as Amazon MSK does. */
describe("A stack on a Kafka cluster of three brokers, whose administrator is no superuser", () => {
  let brokers: Brokers;
  let checkout: Checkout;
  let outputs: Outputs;
  let service: ServiceConnections["kafka"];

  /** Runs a command of the checkout, which finds the administrator's password in its environment. */
  const npmOk = async (command: string) => {
    const env = { LEARNING_PLATFORM_KAFKA_PASSWORD: brokers.administrator.password };
    const { code, stdout, stderr } = await checkout.npm(command, ["--stack", STACK], env);
    assert.equal(code, 0, `npm run ${command}:\n${stdout}${stderr}`);
    return stdout;
  };

  before(async () => {
    [checkout, brokers] = [new Checkout(), await Brokers.start(`learning-platform-${STACK}-kafka`)];
    writeFileSync(checkout.path("kafka-authority.pem"), brokers.trusted);
    const settings = {
      ...{ protect: false, fsync: false, console: false, sharedServers: true },
      kafkaCluster: {
        bootstrapServers: brokers.bootstrapServers,
        username: brokers.administrator.username,
        caFile: "kafka-authority.pem",
      },
    };
    const config = Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [`learning-platform:${key}`, value]),
    );
    writeFileSync(checkout.path(`Pulumi.${STACK}.yaml`), stringify({ config }));
    await npmOk("up");
    outputs = await readOutputs(checkout, STACK);
    service = outputs.services[SERVICE].kafka;
  });
  after(async () => {
    await checkout?.cleanUp(STACK);
    await brokers?.remove();
  });

  const own = (name: string) => `${STACK}-${name}`;

  /** What the cluster answers its administrator. */
  async function asAdmin<T>(
    ask: (admin: ReturnType<ReturnType<Brokers["client"]>["admin"]>) => Promise<T>,
  ): Promise<T> {
    const admin = brokers.client().admin();
    await admin.connect();
    try {
      return await ask(admin);
    } finally {
      await admin.disconnect();
    }
  }

  /** All rights on the cluster, as `principal operation-number type-number name`. */
  const rights = () =>
    asAdmin(async (admin) => {
      const { resources } = await admin.describeAcls({
        resourceType: AclResourceTypes.ANY,
        resourcePatternType: ResourcePatternTypes.ANY,
        operation: AclOperationTypes.ANY,
        permissionType: AclPermissionTypes.ANY,
      });
      return resources
        .flatMap(({ acls, resourceType, resourceName }) =>
          acls.map(
            ({ principal, operation }) =>
              `${principal} ${operation} ${resourceType} ${resourceName}`,
          ),
        )
        .sort();
    });

  const { ALL } = AclOperationTypes;
  const administratorsOwn = () =>
    [
      `${AclResourceTypes.TOPIC} *`,
      `${AclResourceTypes.GROUP} *`,
      `${AclResourceTypes.CLUSTER} kafka-cluster`,
      `${AclResourceTypes.TRANSACTIONAL_ID} *`,
    ].map((on) => `User:${brokers.administrator.username} ${ALL} ${on}`);

  /** Whether the service may send to a topic, all copies of which then have the message. */
  const sends = async (topic: string) => {
    const producer = brokers.client(service).producer({ retry: { retries: 1 } });
    await producer.connect();
    try {
      return await outcome(producer.send({ topic, acks: -1, messages: [{ value: "x" }] }));
    } finally {
      await producer.disconnect();
    }
  };

  /** Whether the service receives a message of a topic, which has one, in a consumer group. */
  const receives = async (topic: string, groupId: string) => {
    const said: string[] = [];
    const logCreator: KafkaConfig["logCreator"] =
      () =>
      ({ log }) =>
        said.push(String(log.error));
    const kafka = brokers.client(service, { logLevel: logLevel.ERROR, logCreator });
    const consumer = kafka.consumer({ groupId, retry: { retries: 1 } });
    await consumer.connect();
    try {
      await consumer.subscribe({ topic, fromBeginning: true });
      const received = new Promise<void>((resolve, reject) => {
        consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
        consumer.run({ eachMessage: () => Promise.resolve(resolve()) }).catch(reject);
      });
      return await outcome(received, said);
    } catch (error) {
      return await outcome(Promise.reject(error as Error), said);
    } finally {
      await consumer.disconnect();
    }
  };

  it("gives each topic three copies, under names of its own", async () => {
    const topics = await asAdmin((admin) => admin.fetchTopicMetadata());
    const found = topics.topics.filter(({ name }) => name.startsWith(own("")));
    assert.deepEqual(found.map(({ name }) => name).sort(), Object.keys(TOPICS).map(own).sort());
    for (const { name, partitions } of found) {
      assert.ok(
        partitions.every(({ replicas }) => replicas.length === 3),
        name,
      );
    }
  });

  it("gives its administrator rights of its own before the first right of a service shuts it out", async () => {
    const found = await rights();
    const administrators = found.filter((right) => right.includes(brokers.administrator.username));
    assert.deepEqual(administrators, administratorsOwn().sort());
    assert.ok(found.length > administrators.length);
  });

  it("lets a service log in by SCRAM-SHA-512, and use its own topics and groups alone", async () => {
    assert.equal(service.saslMechanism, "SCRAM-SHA-512");
    assert.equal(service.securityProtocol, "SASL_SSL");
    assert.equal(service.username, own(SERVICE));
    const { writes, reads } = TOPIC_USE[SERVICE];
    const not = (names: string[]) => Object.keys(TOPICS).find((name) => !names.includes(name))!;
    assert.equal(await sends(own(writes[0])), GRANTED);
    assert.equal(await sends(own(not(writes))), NO_TOPIC);
    const producer = brokers.client().producer();
    await producer.connect();
    for (const topic of [reads[0], not(reads)].map(own)) {
      await producer.send({ topic, messages: [{ value: "of the administrator" }] });
    }
    await producer.disconnect();
    assert.equal(await receives(own(reads[0]), service.groupId), GRANTED);
    assert.equal(await receives(own(not(reads)), service.groupId), NO_TOPIC);
    assert.equal(await receives(own(reads[0]), own("content-service")), NO_GROUP);
    assert.equal(await receives(own(reads[0]), SERVICE), NO_GROUP);
  });

  it("does not change in a second up, nor in a preview", async () => {
    // What another stack gives the same administrator is no drift.
    const { username } = brokers.administrator;
    await asAdmin((admin) =>
      admin.createAcls({
        acl: [
          {
            ...{ resourceType: AclResourceTypes.TOPIC, resourceName: "others" },
            ...{ resourcePatternType: ResourcePatternTypes.LITERAL, principal: `User:${username}` },
            ...{ host: "*", operation: ALL, permissionType: AclPermissionTypes.ALLOW },
          },
        ],
      }),
    );
    const plan = new RegExp(`^Plan for stack ${STACK}: \\d+ unchanged$`, "m");
    const second = await npmOk("up");
    assert.match(second, plan);
    assert.doesNotMatch(second, /drift/i);
    assert.match(await npmOk("preview"), plan);
  });

  // tests/drills/kafka-outage.test.ts takes down each broker in turn, and two at once.
  it("loses nothing that was acknowledged while a broker is killed and comes back", async () => {
    const topic = own(TOPIC_USE[SERVICE].writes[0]);
    const [, killed] = brokers.containers;
    const lost = await lostIn(brokers, service, topic, async (written) => {
      await written();
      await docker("kill", killed);
      await written();
      await docker("start", killed);
    });
    assert.deepEqual(lost, []);
  });

  const misfits: [title: string, more: () => Partial<CheckedKafka>, key: string, reason: RegExp][] =
    [
      ["a wrong password", () => ({ password: "wrong" }), "password", /^or username is wrong/],
      ["another mechanism", () => ({ saslMechanism: "SCRAM-SHA-256" }), "saslMechanism", /offers/],
      [
        "more copies than brokers",
        () => ({ replicationFactor: 4 }),
        "replicationFactor",
        /at most 3/,
      ],
      ["authorities of others", () => ({ trusted: "system" }), "caFile", /must name the authority/],
      ["no encryption", () => ({ trusted: undefined }), "tls", /^must be true: localhost/],
      [
        "a setting that the cluster refuses",
        () => ({ topicSettings: { "cleanup.policy": "none" } }),
        "fixedTopicSettings",
        /of cleanup\.policy$/,
      ],
    ];
  const checked = (more: Partial<CheckedKafka>) =>
    checkKafka({
      ...{ bootstrapServers: brokers.bootstrapServers, ...brokers.administrator },
      ...{ saslMechanism: "SCRAM-SHA-512", trusted: brokers.trusted, replicationFactor: 3 },
      ...{ createsUsers: true, prefix: STACK, topicSettings: { "cleanup.policy": "delete" } },
      ...more,
    });
  it("is refused, with the key to change, where its configuration does not fit the cluster", async () => {
    assert.deepEqual(await checked({}), []);
    for (const [title, more, key, reason] of misfits) {
      const found = await checked(more());
      assert.deepEqual(
        found.map((finding) => [finding.key, finding.kind]),
        [[`kafkaCluster.${key}`, "fault"]],
        title,
      );
      assert.match(found[0].reason, reason);
    }
    // A service's user is no administrator.
    const { username, password } = service;
    const keys = (await checked({ username, password })).map(({ key }) => key);
    assert.ok(keys.includes("kafkaCluster.username"), keys.join());
  });

  it("leaves no topic, user, right or consumer group of its own, and its administrator's rights", async () => {
    const login = { username: service.username, password: service.password };
    const groups = () => asAdmin(async (admin) => (await admin.listGroups()).groups);
    assert.ok((await groups()).some(({ groupId }) => groupId === service.groupId));
    await npmOk("down");
    assert.deepEqual(
      (await asAdmin((admin) => admin.listTopics())).filter((name) => name.startsWith(own(""))),
      [],
    );
    assert.deepEqual(
      (await groups()).filter(({ groupId }) => groupId.startsWith(own(""))),
      [],
    );
    const others = `User:${brokers.administrator.username} ${ALL} ${AclResourceTypes.TOPIC} others`;
    assert.deepEqual(await rights(), [...administratorsOwn(), others].sort());
    const users = await checked(login);
    assert.deepEqual(
      users.map(({ key }) => key),
      ["kafkaCluster.password"],
    );
  });
});
