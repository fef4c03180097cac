/**
 * All that the platform asks a Kafka broker for itself, and the one place that knows the client library
 * (docs/decisions/0004-kafka-rights.md). Topics and users are made by the plugin of Kafka.
 */
import type { Admin, SASLOptions } from "kafkajs";

import type { Right, RightResource } from "../../catalog/right-lines";

export interface KafkaServer {
  /** host:port */
  bootstrapServers: string;
  username: string;
  /** For SCRAM-SHA-256. */
  password: string;
  /** PEM of the authorities to trust; absent where the connection is in clear. */
  trusted?: string;
}

export interface KafkaAcl extends Right {
  /** With its kind, as `User:user-service`. */
  principal: string;
  /** An address, or * for any. */
  host: string;
  permission: "allow" | "deny";
}

/** A topic as the broker has it. */
export interface KafkaTopic {
  partitions: number;
  /** Values of the settings that were asked for, those included that are defaults. */
  config: Readonly<Record<string, string>>;
}

/** What is asked over one connection as an administrator. Each method throws what the broker answers as an error. */
export interface KafkaAdministrator {
  /** The ACLs on topics, groups, the cluster and transactional ids: one principal's, or all. */
  acls(principal?: string): Promise<KafkaAcl[]>;
  /** Makes what is not there yet. */
  createAcls(acls: readonly KafkaAcl[]): Promise<void>;
  /** Removes exactly these. */
  deleteAcls(acls: readonly KafkaAcl[]): Promise<void>;
  /**
   * Topics by name; one that does not exist is left out.
   * @param settings names of the settings that are wanted of each
   */
  topics(settings: Readonly<Record<string, readonly string[]>>): Promise<Map<string, KafkaTopic>>;
}

/** Nothing answers where the broker should; a refused login is another matter. */
export class KafkaUnreachableError extends Error {}

/** The broker does not let this user in with this password. */
export class KafkaLoginError extends Error {}

const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ETIMEDOUT",
  "ENOTFOUND",
]);

/**
 * Acts on a broker over a connection of its own.
 * @throws KafkaUnreachableError, KafkaLoginError or what the broker answers, with user and server and without the password
 */
export async function asAdministrator<T>(
  server: KafkaServer,
  act: (administrator: KafkaAdministrator) => Promise<T>,
): Promise<T> {
  const kafkajs = loaded();
  const { bootstrapServers, username, password, trusted } = server;
  const sasl: SASLOptions = { mechanism: "scram-sha-256", username, password };
  const kafka = new kafkajs.Kafka({
    clientId: "learning-platform",
    brokers: [bootstrapServers],
    sasl,
    ssl: trusted === undefined ? false : { ca: trusted },
    connectionTimeout: 10_000,
    requestTimeout: 30_000,
    // A broker that is elected or started just now refuses the first attempts.
    retry: { initialRetryTime: 100, retries: 2 },
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await act(administratorBy(admin));
  } catch (error) {
    throw clientError(error as Error, `${username}@${bootstrapServers}`);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** Whether the broker lets a user in with a password. @throws KafkaUnreachableError */
export async function accepts(server: KafkaServer): Promise<boolean> {
  try {
    await asAdministrator(server, () => Promise.resolve());
    return true;
  } catch (error) {
    if (error instanceof KafkaLoginError) {
      return false;
    }
    throw error;
  }
}

type KafkaJs = typeof import("kafkajs");

let library: KafkaJs | undefined;

/**
 * Loaded when a broker is first spoken to: most runs of the plugin process only compare. By require, which ends
 * before anything else runs: two resources that import it at the same time got a half-loaded library.
 */
function loaded(): KafkaJs {
  if (library === undefined) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    library = require("kafkajs") as KafkaJs;
    mendTimers();
  }
  return library;
}

interface RequestQueue {
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  pending: unknown[];
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

/** KafkaJS 2.2.4 sets a timer in the past after each request, of which Node 24 warns on standard error. */
function mendTimers(): void {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const queue = require("kafkajs/src/network/requestQueue/index.js") as {
    prototype: RequestQueue;
  };
  queue.prototype.scheduleCheckPendingRequests = function () {
    this.throttleCheckTimeoutId ??= setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      Math.max(this.throttledUntil - Date.now(), this.pending.length > 0 ? 10 : 1),
    );
  };
}

/** What KafkaJS throws, by what a caller does about it. */
function clientError(error: Error, login: string): Error {
  const chain: Error[] = [];
  for (let at: unknown = error; at instanceof Error && !chain.includes(at); at = at.cause) {
    chain.push(at);
  }
  if (!chain.some(({ name }) => name.startsWith("KafkaJS"))) {
    return error;
  }
  const message = `${login}: ${error.message}`;
  if (chain.some(({ name }) => name === "KafkaJSSASLAuthenticationError")) {
    return new KafkaLoginError(message);
  }
  const unreachable =
    chain.some(
      (cause) =>
        UNREACHABLE.has((cause as NodeJS.ErrnoException).code ?? "") ||
        cause.name === "KafkaJSRequestTimeoutError",
    ) || /timeout|Closed connection/i.test(message);
  return unreachable ? new KafkaUnreachableError(message) : new Error(message);
}

/**
 * The types that are asked for, one by one. Redpanda refuses any other with INVALID_REQUEST, as that of delegation
 * tokens (redpanda-data/redpanda v26.2, src/v/kafka/server/handlers/details/security.h to_resource_type).
 */
const RESOURCE_TYPES: Readonly<Record<RightResource, number>> = {
  Topic: 2,
  Group: 3,
  Cluster: 4,
  TransactionalId: 5,
};
const PATTERNS = { Literal: 3, Prefixed: 4 } as const;
const PERMISSIONS = { deny: 2, allow: 3 } as const;
/** In the order of their numbers, which begin with 2. */
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

function administratorBy(admin: Admin): KafkaAdministrator {
  return {
    async acls(principal) {
      const answers = await Promise.all(
        Object.values(RESOURCE_TYPES).map((resourceType) =>
          // Names that are left out are sent as null: any.
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
    },

    async createAcls(acls) {
      if (acls.length > 0) {
        await admin.createAcls({ acl: acls.map(encoded) });
      }
    },

    async deleteAcls(acls) {
      if (acls.length > 0) {
        await admin.deleteAcls({ filters: acls.map(encoded) });
      }
    },

    async topics(settings) {
      // Asked for by name, a topic that is missing fails the request for all.
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
          { partitions: partitions.length, config: configs.get(name) ?? {} },
        ]),
      );
    },
  };
}

/**
 * An ACL as KafkaJS takes it, be it to make or as the filter that it alone passes.
 * @throws Error for an operation that has no number: it would be that of any operation
 */
function encoded(acl: KafkaAcl) {
  const operation = OPERATIONS.indexOf(acl.operation);
  if (operation < 0) {
    throw new Error(`${acl.operation} is none of ${OPERATIONS.join(", ")}`);
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
