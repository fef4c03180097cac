import type { Admin, Kafka, KafkaJSDeleteGroupsError } from "kafkajs";

import type { RightResource } from "../../catalog/right-lines";
import type { KafkaAcl, KafkaAdministrator, KafkaTopic, TopicCopies } from "./kafka-administrator";
import { setTopics } from "./kafkajs-topic-settings";

/**
 * The types to ask for, one request each. Redpanda refuses any other, such as delegation tokens, with
 * INVALID_REQUEST (redpanda-data/redpanda v26.2, src/v/kafka/server/handlers/details/security.h to_resource_type).
 */
const RESOURCE_TYPES: Readonly<Record<RightResource, number>> = {
  Topic: 2,
  Group: 3,
  Cluster: 4,
  TransactionalId: 5,
};
const PATTERNS = { Literal: 3, Prefixed: 4 } as const;
const PERMISSIONS = { deny: 2, allow: 3 } as const;
/** In the order of their numbers, which start at 2. */
const OPERATIONS = [
  "All",
  "Read",
  "Write",
  "Create",
  "Delete",
  "Alter",
  "Describe",
  "ClusterAction",
  "DescribeConfigs",
  "AlterConfigs",
  "IdempotentWrite",
];
const FIRST_OPERATION = 2;
const ANY = 1;
/** Kafka's codes of errors, GROUP_ID_NOT_FOUND and NON_EMPTY_GROUP. */
const GROUP_NOT_FOUND = 69;
const GROUP_HAS_MEMBERS = 68;

/** The administrator's requests, in the terms of KafkaJS. */
export const createAdministrator = (kafka: Kafka, admin: Admin): KafkaAdministrator => ({
  acls: (principal) => readAcls(admin, principal),
  topics: (settings) => readTopics(admin, settings),
  copies: (topics) => readCopies(admin, topics),
  setCopies: (topics, copies) => setTopics(kafka, topics, "replication.factor", String(copies)),
  async groups() {
    const { groups } = await admin.listGroups();
    return groups.map(({ groupId }) => groupId);
  },
  deleteGroups: (names) => deleteGroups(admin, names),
  async createAcls(acls) {
    if (acls.length > 0) {
      await admin.createAcls({ acl: acls.map(encode) });
    }
  },
  async deleteAcls(acls) {
    if (acls.length > 0) {
      await admin.deleteAcls({ filters: acls.map(encode) });
    }
  },
});

async function readAcls(admin: Admin, principal?: string): Promise<KafkaAcl[]> {
  const answers = await Promise.all(
    Object.values(RESOURCE_TYPES).map((resourceType) =>
      // A name that is left out is sent as null, which is any name.
      admin.describeAcls({
        resourceType,
        resourcePatternType: ANY,
        principal,
        operation: ANY,
        permissionType: ANY,
      }),
    ),
  );
  return answers
    .flatMap(({ resources }) => resources)
    .flatMap(({ acls, resourceType, resourceName, resourcePatternType }) =>
      acls.map((acl) => ({
        principal: acl.principal,
        host: acl.host,
        operation: OPERATIONS[acl.operation - FIRST_OPERATION] ?? `Operation${acl.operation}`,
        permission: nameOf(PERMISSIONS, acl.permissionType),
        resourceType: nameOf(RESOURCE_TYPES, resourceType),
        resourceName,
        pattern: nameOf(PATTERNS, resourcePatternType),
      })),
    );
}

async function deleteGroups(admin: Admin, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) {
    return [];
  }
  try {
    await admin.deleteGroups([...names]);
    return [];
  } catch (error) {
    const { groups = [] } = error as Partial<KafkaJSDeleteGroupsError>;
    // One that is gone already is as it should be.
    const left = groups.filter((group) => group.errorCode !== GROUP_NOT_FOUND);
    if (groups.length === 0 || left.some(({ errorCode }) => errorCode !== GROUP_HAS_MEMBERS)) {
      throw error;
    }
    return left.map(({ groupId }) => groupId);
  }
}

async function readTopics(
  admin: Admin,
  settings: Readonly<Record<string, readonly string[]>>,
): Promise<Map<string, KafkaTopic>> {
  // A request by name fails for all topics if one is missing.
  const { topics } = await admin.fetchTopicMetadata();
  const found = topics.filter(({ name }) => name in settings);
  if (found.length === 0) {
    return new Map();
  }
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: found.map(({ name }) => ({
      type: RESOURCE_TYPES.Topic,
      name,
      configNames: [...settings[name]],
    })),
  });
  const configs = new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      Object.fromEntries(
        configEntries.map(({ configName, configValue }) => [configName, configValue]),
      ),
    ]),
  );
  return new Map(
    found.map(({ name, partitions }) => [
      name,
      {
        partitions: partitions.length,
        copies: fewest(partitions.map(({ replicas }) => replicas)),
        config: configs.get(name) ?? {},
      },
    ]),
  );
}

async function readCopies(
  admin: Admin,
  names: readonly string[],
): Promise<Map<string, TopicCopies>> {
  const { topics } = await admin.fetchTopicMetadata();
  // Null asks for all that are under way. KafkaJS 2.2.4's types leave it out, and have another name for `name`.
  const moving = await admin.listPartitionReassignments({ topics: null as never });
  const moved = new Set((moving.topics as unknown as { name: string }[]).map(({ name }) => name));
  return new Map(
    topics
      .filter(({ name }) => names.includes(name))
      .map(({ name, partitions }) => [
        name,
        {
          all: fewest(partitions.map(({ replicas }) => replicas)),
          inSync: fewest(partitions.map(({ isr }) => isr)),
          isMoving: moved.has(name),
        },
      ]),
  );
}

const fewest = (lists: number[][]) => Math.min(...lists.map(({ length }) => length));

/**
 * An ACL as KafkaJS takes it: to create it, or as a filter that matches it alone.
 * @throws Error for an operation without a number: Kafka would take it for any operation
 */
function encode(acl: KafkaAcl) {
  const operation = OPERATIONS.indexOf(acl.operation);
  if (operation < 0) {
    throw new Error(`${acl.operation} is not one of ${OPERATIONS.join(", ")}`);
  }
  return {
    resourceType: RESOURCE_TYPES[acl.resourceType],
    resourceName: acl.resourceName,
    resourcePatternType: PATTERNS[acl.pattern],
    principal: acl.principal,
    host: acl.host,
    operation: operation + FIRST_OPERATION,
    permissionType: PERMISSIONS[acl.permission],
  };
}

const nameOf = <K extends string>(numbers: Readonly<Record<K, number>>, number: number): K =>
  (Object.keys(numbers) as K[]).find((name) => numbers[name] === number) ?? (`${number}` as K);
