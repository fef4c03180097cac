import { ALLOW, type Right, rightLine, type Rights } from "./right-lines";
import { SERVICE_NAMES } from "./services";
import { OPERATOR, type TopicDefinition } from "./topics";

/** The read-only principal of the monitoring UI. */
export const CONSOLE_USER = "platform-console";

/** One right of one principal on the broker, in Kafka's terms. */
export interface AclEntry extends Right {
  principal: string;
  operation: "Read" | "Write" | "Delete" | "Describe" | "DescribeConfigs";
}

/** Every principal that logs in to the broker, besides its administrator. */
export const KAFKA_USERS: readonly string[] = [...SERVICE_NAMES, OPERATOR, CONSOLE_USER];

/** The rights of each principal, of those without any too, in a stable order. */
export function rightsByPrincipal(
  topics: Readonly<Record<string, TopicDefinition>>,
): Readonly<Record<string, Rights>> {
  const entries = aclsFor(topics);
  return Object.fromEntries(
    KAFKA_USERS.map((user) => {
      const lines = entries.filter(({ principal }) => principal === user).map(rightLine);
      return [user, Object.fromEntries(lines.sort().map((line) => [line, ALLOW]))];
    }),
  );
}

/**
 * Derives the rights on the broker from who writes and reads what.
 * Write and Read imply Describe in Kafka, so that neither is accompanied by it.
 */
export function aclsFor(topics: Readonly<Record<string, TopicDefinition>>): AclEntry[] {
  const onTopics = Object.entries(topics).flatMap(([topic, { writers, readers }]) => [
    ...writers.map((writer) => topicRight(writer, "Write", topic)),
    ...readers.map((reader) => topicRight(reader, "Read", topic)),
    // Kafka Streams and Spring's KafkaAdmin look at a topic's settings before they use it.
    ...[...new Set([...writers, ...readers])].map((user) =>
      topicRight(user, "DescribeConfigs", topic),
    ),
  ]);
  const onNames = [...SERVICE_NAMES, OPERATOR].flatMap(ownNames);
  return [...onTopics, ...onNames, ...consoleRights];
}

/**
 * Consumer groups and transactional ids of a principal: its name, or its name with a dot or a hyphen and
 * more. Kafka has no pattern for that but a literal and two prefixes; one prefix without the dot would
 * also be the start of `user-service2`. To transact is to find the id's coordinator, which is Describe,
 * and to get a producer's id, which is Write.
 */
function ownNames(principal: string): AclEntry[] {
  const names = [
    { resourceName: principal, pattern: "Literal" },
    { resourceName: `${principal}.`, pattern: "Prefixed" },
    { resourceName: `${principal}-`, pattern: "Prefixed" },
  ] as const;
  const rights = [
    ["Read", "Group"],
    // An application that is gone leaves its groups, and a new one may want its offsets from the start.
    ["Delete", "Group"],
    ["Write", "TransactionalId"],
    ["Describe", "TransactionalId"],
  ] as const;
  return names.flatMap((name) =>
    rights.map(([operation, resourceType]) => ({ principal, operation, resourceType, ...name })),
  );
}

function topicRight(
  principal: string,
  operation: "Read" | "Write" | "DescribeConfigs",
  topic: string,
): AclEntry {
  return {
    principal,
    operation,
    resourceType: "Topic",
    resourceName: topic,
    pattern: "Literal",
  };
}

/** The monitoring UI sees everything and changes nothing. */
const consoleRights: AclEntry[] = (
  [
    ["Read", "Topic", "*"],
    ["DescribeConfigs", "Topic", "*"],
    ["Describe", "Group", "*"],
    ["Describe", "Cluster", "kafka-cluster"],
    ["DescribeConfigs", "Cluster", "kafka-cluster"],
  ] as const
).map(([operation, resourceType, resourceName]) => ({
  principal: CONSOLE_USER,
  operation,
  resourceType,
  resourceName,
  pattern: "Literal",
}));
