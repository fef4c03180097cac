import { sharedName } from "./names";
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

/** Every principal that logs in to the broker, except its administrator. */
export const KAFKA_USERS: readonly string[] = [...SERVICE_NAMES, OPERATOR, CONSOLE_USER];

/** Those of them that a stack has. @param console whether it runs the monitoring UI */
export const kafkaUsers = (console: boolean): string[] =>
  KAFKA_USERS.filter((user) => console || user !== CONSOLE_USER);

/**
 * The rights of each principal, in a stable order. A principal without rights has an empty entry.
 * @param topics by the name that the catalogue has for each
 * @param prefix of the stack's names on the cluster (catalog/names.ts)
 */
export function rightsByPrincipal(
  topics: Readonly<Record<string, TopicDefinition>>,
  prefix = "",
): Readonly<Record<string, Rights>> {
  const entries = aclsFor(topics, prefix);
  return Object.fromEntries(
    KAFKA_USERS.map((user) => {
      const lines = entries.filter(({ principal }) => principal === user).map(rightLine);
      return [user, Object.fromEntries(lines.sort().map((line) => [line, ALLOW]))];
    }),
  );
}

/**
 * Derives the rights on the broker from who writes and reads what.
 * In Kafka, Write and Read imply Describe, so that it is not stated.
 */
export function aclsFor(
  topics: Readonly<Record<string, TopicDefinition>>,
  prefix = "",
): AclEntry[] {
  const onTopics = Object.entries(topics).flatMap(([name, { writers, readers }]) => {
    const topic = sharedName(prefix, name);
    return [
      ...writers.map((writer) => topicRight(writer, "Write", topic)),
      ...readers.map((reader) => topicRight(reader, "Read", topic)),
      // Kafka Streams and Spring's KafkaAdmin read the settings of a topic before they use it.
      ...[...new Set([...writers, ...readers])].map((user) =>
        topicRight(user, "DescribeConfigs", topic),
      ),
    ];
  });
  const onNames = [...SERVICE_NAMES, OPERATOR].flatMap((user) => ownNames(user, prefix));
  return [...onTopics, ...onNames, ...consoleRights(prefix)];
}

/**
 * Consumer groups and transactional ids of a principal: its name, alone or followed by a dot or hyphen and more.
 * In Kafka that takes a literal pattern and two prefixes; a prefix without the dot would also match `user-service2`.
 * A transaction needs Describe, to find the coordinator of the id, and Write, to get a producer's id.
 */
function ownNames(principal: string, prefix: string): AclEntry[] {
  const own = sharedName(prefix, principal);
  const names = [
    { resourceName: own, pattern: "Literal" },
    { resourceName: `${own}.`, pattern: "Prefixed" },
    { resourceName: `${own}-`, pattern: "Prefixed" },
  ] as const;
  const rights = [
    ["Read", "Group"],
    // A stopped application leaves its groups behind, and a new one may want to start over with its offsets.
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

/** The monitoring UI reads everything of the stack and changes nothing. */
function consoleRights(prefix: string): AclEntry[] {
  const all =
    prefix === ""
      ? ({ resourceName: "*", pattern: "Literal" } as const)
      : ({ resourceName: sharedName(prefix, ""), pattern: "Prefixed" } as const);
  const cluster = { resourceName: "kafka-cluster", pattern: "Literal" } as const;
  return (
    [
      ["Read", "Topic", all],
      ["DescribeConfigs", "Topic", all],
      ["Describe", "Group", all],
      ["Describe", "Cluster", cluster],
      ["DescribeConfigs", "Cluster", cluster],
    ] as const
  ).map(([operation, resourceType, resource]) => ({
    ...{ principal: CONSOLE_USER, operation, resourceType },
    ...resource,
  }));
}
