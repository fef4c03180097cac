/** The broker: its health, its topics, a message there and back, and its users. */
import { randomBytes } from "node:crypto";

import { CONSOLE_USER } from "../../catalog/acls";
import { parseRight, type Rights } from "../../catalog/right-lines";
import { OPERATOR } from "../../catalog/topics";
import {
  asAdministrator,
  type KafkaServer,
  type KafkaTopic,
  type TopicHealth,
} from "../../components/kafka/kafka-client";
import { type KafkaRightsInputs, serverOf } from "../../components/kafka/kafka-rights-inputs";
import { answerOf } from "../../components/platform/http-client";
import type { Credentials } from "../../contract/outputs";
import { compareBroker } from "../drift/broker";
import { logicalName, TYPES } from "../resource-types";
import type { StackResource } from "../stack/state";
import {
  ANSWER_MS,
  type Check,
  compared,
  type Finding,
  judged,
  right,
  unknown,
  wrong,
} from "./finding";
import { judgeDrift, type Platform } from "./platform";

interface TopicInputs {
  name: string;
  partitions: number;
  replicationFactor: number;
  config?: Record<string, string>;
}

export function brokerChecks(platform: Platform): Check[] {
  const { resources } = platform;
  const ofType = (wanted: string) => resources.filter(({ type }) => type === wanted);
  const rights = ofType(TYPES.rights);
  if (rights.length === 0) {
    return [];
  }
  // The inputs of each set of rights say where the broker is, and who administers it.
  const server = serverOf(rights[0].inputs as unknown as KafkaRightsInputs);
  const topics = ofType(TYPES.topic).map(({ inputs }) => inputs as unknown as TopicInputs);
  return [
    {
      what: `broker at ${server.bootstrapServers}`,
      ask: () => askAdministrator(server, topics, rights),
    },
    ...healthChecks(platform),
    {
      what: MESSAGE,
      ask: () => tryMessage(server, topics[0]?.replicationFactor ?? 1),
    },
    ...usersOf(platform).map(({ user, login }) => ({
      what: `user ${login.username}`,
      ask: () => tryUser({ ...server, ...login }, rightsNamed(rights, user), topics),
    })),
  ];
}

const askAdministrator = (
  server: KafkaServer,
  topics: readonly TopicInputs[],
  rights: readonly StackResource[],
): Promise<Finding[]> =>
  asAdministrator(
    server,
    async (administrator) => {
      const settings = topics.map(({ name, config = {} }) => [name, Object.keys(config)] as const);
      const [brokers, health, found, drift] = await Promise.all([
        administrator.brokers(),
        administrator.topicHealth(),
        administrator.topics(Object.fromEntries(settings)),
        compareBroker(rights, { ...administrator, accepts: () => Promise.resolve(true) }),
      ]);
      return [
        judgePartitions(`broker at ${server.bootstrapServers}`, brokers, health, topics),
        ...topics.map((topic) => judgeTopic(topic, found.get(topic.name))),
        ...rights.map((resource) =>
          judgeDrift(
            `rights of ${String(resource.inputs.principal)}`,
            { found: drift, unanswered: [] },
            resource,
          ),
        ),
      ];
    },
    ANSWER_MS,
  );

/** Whether each partition of the stack's topics has a leader and all its copies. */
export function judgePartitions(
  what: string,
  brokers: number,
  health: readonly TopicHealth[],
  topics: readonly { name: string }[],
): Finding {
  const own = health.filter(({ name }) => topics.some((topic) => topic.name === name));
  const faults = own.flatMap(({ name, leaderless, underReplicated }) => [
    ...(leaderless > 0 ? [`${name}: ${leaderless} partitions without a leader`] : []),
    ...(underReplicated > 0 ? [`${name}: ${underReplicated} partitions lack copies`] : []),
  ]);
  const answers = `${brokers} ${brokers === 1 ? "broker" : "brokers"}, all partitions have their copies`;
  return judged(what, faults, answers);
}

export const judgeTopic = (
  { name, partitions, replicationFactor, config = {} }: TopicInputs,
  found: KafkaTopic | undefined,
): Finding =>
  compared(
    `topic ${name}`,
    found ? topicText(found, Object.keys(config)) : "missing",
    topicText({ partitions, copies: replicationFactor, config }, Object.keys(config)),
  );

const DAY_MS = 24 * 60 * 60 * 1_000;

function topicText(
  { partitions, copies, config }: KafkaTopic,
  settings: readonly string[],
): string {
  const texts = settings.map((setting) =>
    setting === "retention.ms"
      ? `retention ${days(Number(config[setting]))}`
      : `${setting} ${config[setting] ?? "not set"}`,
  );
  return [
    `${partitions} ${partitions === 1 ? "partition" : "partitions"}`,
    // One copy is what a single broker has, and is not worth a word.
    ...(copies === 1 ? [] : [`${copies} copies`]),
    ...texts,
  ].join(", ");
}

const days = (ms: number) => (ms % DAY_MS === 0 ? `${ms / DAY_MS} d` : `${ms} ms`);

/** What Redpanda says of itself; other brokers have no such address. */
function healthChecks({ outputs }: Platform): Check[] {
  const admin = outputs.accessPoints.redpandaAdmin;
  if (admin === undefined) {
    return [];
  }
  const what = "health by the admin API";
  return [
    {
      what,
      async ask() {
        const { status, text } = await answerOf(`${admin.address}/v1/cluster/health_overview`, {
          login: outputs.administrators.kafka,
          trusted: outputs.trustedCertificates,
          timeoutMs: ANSWER_MS,
        });
        return [judgeHealth(what, status, text)];
      },
    },
  ];
}

/** redpanda-data/redpanda v26.2, src/v/redpanda/admin/api-doc/cluster.def.json, cluster_health_overview. */
export function judgeHealth(what: string, status: number, text: string): Finding {
  if (status !== 200) {
    return unknown(what, `answers ${status}`);
  }
  const { is_healthy: isHealthy, unhealthy_reasons: reasons = [] } = JSON.parse(text) as {
    is_healthy: boolean;
    unhealthy_reasons?: string[];
  };
  return isHealthy
    ? right(what, "healthy")
    : wrong(what, reasons.join(", ") || "unhealthy", "healthy");
}

const MESSAGE = "message out and back";
const TOPIC_PREFIX = "platform-verify-";
/** After that, no run uses its topic any more: it was killed. */
const ABANDONED_MS = 60_000;

/**
 * Writes and reads a message in a topic of its own, which is removed again: in a topic of the services, consumers would
 * get the message, also that of an aborted transaction unless they ask for committed ones only.
 */
const tryMessage = (server: KafkaServer, replicationFactor: number): Promise<Finding[]> =>
  asAdministrator(
    server,
    async (administrator) => {
      const topic = `${TOPIC_PREFIX}${Date.now()}-${randomBytes(4).toString("hex")}`;
      const text = randomBytes(16).toString("hex");
      const known = await administrator.topicHealth();
      const left = abandonedTopics(
        known.map(({ name }) => name),
        Date.now(),
      );
      if (left.length > 0) {
        await administrator.deleteTopics(left);
      }
      await administrator.createTopic(topic, replicationFactor);
      try {
        const came = await administrator.echo(topic, text);
        return [compared(MESSAGE, came === text ? "came back" : "did not come back", "came back")];
      } finally {
        await administrator.deleteTopics([topic]);
      }
    },
    ANSWER_MS,
  );

/** Topics of runs that were killed before they could remove them. */
export const abandonedTopics = (names: readonly string[], now: number): string[] =>
  names.filter((name) => {
    const since = new RegExp(`^${TOPIC_PREFIX}(\\d+)-[0-9a-f]{8}$`).exec(name)?.[1];
    return since !== undefined && now - Number(since) > ABANDONED_MS;
  });

/** Every login that the stack has for the broker, by the name that the catalogue has for its user. */
function usersOf({ resources, outputs }: Platform): { user: string; login: Credentials }[] {
  const console_ = resources.find(
    ({ type, urn }) => type === TYPES.brokerUser && logicalName(urn).endsWith(`-${CONSOLE_USER}`),
  );
  return [
    ...Object.entries(outputs.services).map(([user, { kafka }]) => ({ user, login: kafka })),
    { user: OPERATOR, login: outputs.administrators.kafkaOperator },
    ...(console_ ? [{ user: CONSOLE_USER, login: console_.inputs as unknown as Credentials }] : []),
  ].map(({ user, login: { username, password } }) => ({ user, login: { username, password } }));
}

const rightsNamed = (rights: readonly StackResource[], user: string): Rights =>
  rights.find(({ urn }) => logicalName(urn).endsWith(`-${user}-rights`))?.inputs.rights as Rights;

/** A broker lists for each user the topics that it may describe, and no others. */
const tryUser = (
  server: KafkaServer,
  rights: Rights,
  topics: readonly TopicInputs[],
): Promise<Finding[]> =>
  asAdministrator(
    server,
    async (user) => {
      const seen = (await user.topicHealth()).map(({ name }) => name);
      const own = topics.map(({ name }) => name);
      return [judgeSeen(`user ${server.username}`, seen, own, rights)];
    },
    ANSWER_MS,
  );

/**
 * @param seen the topics that the broker lists for the user
 * @param own the stack's topics; others are not its business
 */
export function judgeSeen(
  what: string,
  seen: readonly string[],
  own: readonly string[],
  rights: Rights,
): Finding {
  const may = own.filter((topic) => maySee(topic, rights));
  const faults = own.flatMap((topic) =>
    seen.includes(topic) === may.includes(topic)
      ? []
      : [seen.includes(topic) ? `sees ${topic}` : `does not see ${topic}`],
  );
  return judged(what, faults, `logs in, sees ${may.length} of ${own.length} topics`);
}

/** Operations that imply Describe (kafka.apache.org/documentation, "Operations and Resources on Protocols"). */
const IMPLY_DESCRIBE = ["All", "Read", "Write", "Delete", "Alter", "Describe"];

const maySee = (topic: string, rights: Rights): boolean =>
  Object.keys(rights)
    .map(parseRight)
    .some(
      ({ operation, resourceType, resourceName, pattern }) =>
        resourceType === "Topic" &&
        IMPLY_DESCRIBE.includes(operation) &&
        (pattern === "Prefixed"
          ? topic.startsWith(resourceName)
          : [topic, "*"].includes(resourceName)),
    );
