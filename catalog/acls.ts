import { SERVICE_NAMES } from "./services";
import { OPERATOR, type TopicDefinition } from "./topics";

/** The read-only principal of the monitoring UI. */
export const CONSOLE_USER = "platform-console";

/** One right of one principal on the broker, in Kafka's terms. */
export interface AclEntry {
  principal: string;
  operation: "Read" | "Write" | "Describe" | "DescribeConfigs";
  resourceType: "Topic" | "Group" | "Cluster";
  /** Name of the resource, or, where `pattern` is Prefixed, the start of it; `*` is any. */
  resourceName: string;
  pattern: "Literal" | "Prefixed";
}

/** Every principal that logs in to the broker, besides its administrator. */
export const KAFKA_USERS: readonly string[] = [...SERVICE_NAMES, OPERATOR, CONSOLE_USER];

/** Name under which a right is known to Pulumi: by content, so that one more right renames none. */
export function aclName({ principal, operation, resourceType, resourceName, pattern }: AclEntry) {
  const resource = resourceName === "*" ? "any" : resourceName;
  const suffix = pattern === "Prefixed" ? "-prefix" : "";
  return `${principal}-${operation}-${resourceType}-${resource}${suffix}`.toLowerCase();
}

/**
 * Derives the rights on the broker from who writes and reads what.
 * Write and Read imply Describe in Kafka, so that neither is accompanied by it.
 */
export function aclsFor(topics: Readonly<Record<string, TopicDefinition>>): AclEntry[] {
  const onTopics = Object.entries(topics).flatMap(([topic, { writers, readers }]) => [
    ...writers.map((writer) => topicRight(writer, "Write", topic)),
    ...readers.map((reader) => topicRight(reader, "Read", topic)),
  ]);
  const onGroups = [...SERVICE_NAMES, OPERATOR].map((principal): AclEntry => ({
    principal,
    operation: "Read",
    resourceType: "Group",
    resourceName: `${principal}.`,
    pattern: "Prefixed",
  }));
  return [...onTopics, ...onGroups, ...consoleRights];
}

function topicRight(principal: string, operation: "Read" | "Write", topic: string): AclEntry {
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
