"use strict";

const {
  CompressionCodecs,
  CompressionTypes,
  ConfigResourceTypes,
  Kafka,
  logLevel,
} = require("kafkajs");
// Inner parts of kafkajs (its version is pinned): its public consumer reads as a member of a
// group only, and looking at a topic must leave no group behind, nor need the right to one.
const Cluster = require("kafkajs/src/cluster");
const defaultSocketFactory = require("kafkajs/src/network/socketFactory");
const snappy = require("kafkajs-snappy");
const lz4 = require("lz4js");

const LAST_MESSAGES = 25;
const TIMEOUT_MS = 5000;
const READ_COMMITTED = 1;

CompressionCodecs[CompressionTypes.Snappy] = snappy;
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: () => {
    throw new Error("the stand-in only reads");
  },
  decompress: async (buffer) => Buffer.from(lz4.decompress(buffer)),
});

/** Read-only questions to a Kafka cluster. Every method connects when it has to. */
class KafkaView {
  #kafka;
  #clusterOptions;
  #admin;
  #cluster;

  constructor({ brokers, sasl, ssl }) {
    const common = {
      clientId: "console-stand-in",
      brokers,
      sasl,
      ssl,
      connectionTimeout: 2000,
      requestTimeout: TIMEOUT_MS,
      retry: { retries: 1 },
    };
    this.#kafka = new Kafka({ ...common, logLevel: logLevel.NOTHING });
    this.#clusterOptions = { ...common, socketFactory: defaultSocketFactory() };
  }

  /** Runs `ask` with a connected admin client; a failed connection is made anew the next time. */
  async #with(ask) {
    this.#admin ??= this.#connect();
    const current = this.#admin;
    try {
      return await ask(await current);
    } catch (error) {
      if (this.#admin === current) {
        this.#admin = undefined;
        current.then((admin) => admin.disconnect()).catch(() => {});
        const cluster = this.#cluster;
        this.#cluster = undefined;
        cluster?.disconnect().catch(() => {});
      }
      throw error;
    }
  }

  async #connect() {
    const admin = this.#kafka.admin();
    await admin.connect();
    return admin;
  }

  async ping() {
    await this.#with((admin) => admin.describeCluster());
  }

  /** Every topic with its partitions and, where the login may see them, its settings. */
  topics() {
    return this.#with(async (admin) => {
      const { topics } = await admin.fetchTopicMetadata();
      const settings = await this.#settings(
        admin,
        topics.map(({ name }) => name),
      );
      const described = topics.map(({ name, partitions }) => ({
        topicName: name,
        isInternal: name.startsWith("__"),
        partitionCount: partitions.length,
        replicationFactor: partitions[0]?.replicas.length ?? 0,
        cleanupPolicy: settings.get(name)?.["cleanup.policy"] ?? "unknown",
        retentionMs: settings.get(name)?.["retention.ms"],
      }));
      return described.sort((one, other) => (one.topicName < other.topicName ? -1 : 1));
    });
  }

  async #settings(admin, names) {
    const byName = new Map();
    const configNames = ["cleanup.policy", "retention.ms"];
    // One by one: a single topic that may not be described fails the request as a whole.
    await Promise.all(
      names.map(async (name) => {
        try {
          const { resources } = await admin.describeConfigs({
            includeSynonyms: false,
            resources: [{ type: ConfigResourceTypes.TOPIC, name, configNames }],
          });
          const pairs = resources[0].configEntries.map((entry) => [
            entry.configName,
            entry.configValue,
          ]);
          byName.set(name, Object.fromEntries(pairs));
        } catch (error) {
          if (error.type !== "TOPIC_AUTHORIZATION_FAILED") {
            throw error;
          }
        }
      }),
    );
    return byName;
  }

  /** First and next offset of each partition: [{ partition, low, high }]. */
  offsets(topic) {
    return this.#with((admin) => admin.fetchTopicOffsets(topic));
  }

  /** Consumer groups that the login may see: [{ groupId, state, members }]. */
  groups() {
    return this.#with(async (admin) => {
      const { groups } = await admin.listGroups();
      if (groups.length === 0) {
        return [];
      }
      const described = await admin.describeGroups(groups.map(({ groupId }) => groupId));
      return described.groups
        .map(({ groupId, state, members }) => ({ groupId, state, members: members.length }))
        .sort((one, other) => (one.groupId < other.groupId ? -1 : 1));
    });
  }

  /** The last messages of all partitions, newest first: [{ partition, offset, time, key, value }]. */
  async messages(topic) {
    const offsets = await this.offsets(topic);
    const cluster = await this.#connectedCluster(topic);
    const wanted = offsets.filter(({ low, high }) => BigInt(high) > BigInt(low));
    const found = await Promise.all(
      wanted.map((partition) => this.#lastOf(cluster, topic, partition)),
    );
    return found
      .flat()
      .sort((one, other) => other.time - one.time || Number(other.offset) - Number(one.offset))
      .slice(0, LAST_MESSAGES);
  }

  async #lastOf(cluster, topic, { partition, low, high }) {
    const start = [BigInt(high) - BigInt(LAST_MESSAGES), BigInt(low)].reduce((a, b) =>
      a > b ? a : b,
    );
    const leaders = cluster.findLeaderForPartitions(topic, [partition]);
    const broker = await cluster.findBroker({ nodeId: Object.keys(leaders)[0] });
    const { responses } = await broker.fetch({
      isolationLevel: READ_COMMITTED,
      maxWaitTime: 100,
      maxBytes: 2 * 1024 * 1024,
      topics: [
        {
          topic,
          partitions: [{ partition, fetchOffset: start.toString(), maxBytes: 512 * 1024 }],
        },
      ],
    });
    // A batch is handed out whole, from before the offset that was asked for.
    return responses[0].partitions[0].messages
      .filter(({ offset, isControlRecord }) => BigInt(offset) >= start && !isControlRecord)
      .map(({ offset, timestamp, key, value }) => ({
        partition,
        offset,
        time: Number(timestamp),
        key: key?.toString() ?? null,
        value: value?.toString() ?? null,
      }));
  }

  async #connectedCluster(topic) {
    if (!this.#cluster) {
      const nothing = () => {};
      const logger = { info: nothing, error: nothing, warn: nothing, debug: nothing };
      logger.namespace = () => logger;
      this.#cluster = new Cluster({
        ...this.#clusterOptions,
        logger,
        enforceRequestTimeout: true,
        metadataMaxAge: 30000,
        allowAutoTopicCreation: false,
        isolationLevel: READ_COMMITTED,
      });
    }
    await this.#cluster.connect();
    await this.#cluster.addTargetTopic(topic);
    return this.#cluster;
  }
}

module.exports = { KafkaView };
