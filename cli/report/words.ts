/** Resources, rights and settings as people call them. */
import type { PlannedTopic, RightChange } from "../plan/plan";
import { TYPES } from "../resource-types";

const KINDS: Readonly<Record<string, string>> = {
  [TYPES.stack]: "stack",
  [TYPES.container]: "container",
  [TYPES.image]: "image",
  [TYPES.network]: "network",
  [TYPES.volume]: "volume",
  [TYPES.password]: "password",
  [TYPES.database]: "database",
  [TYPES.role]: "database role",
  [TYPES.databaseRights]: "rights on a database",
  [TYPES.migrations]: "migrations of a database",
  [TYPES.topic]: "topic",
  [TYPES.brokerUser]: "Kafka user",
  [TYPES.rights]: "rights on Kafka",
  [TYPES.copies]: "copies of topics",
  [TYPES.schemas]: "schemas of events",
  [TYPES.redisCluster]: "Redis cluster",
  [TYPES.redisReplication]: "Redis replication",
  [TYPES.redisUser]: "Redis user",
};

/** A type of resource in words, or the end of its token. */
export const kindOf = (type: string): string =>
  KINDS[type] ?? type.slice(type.lastIndexOf(":") + 1);

const VERBS: Readonly<Record<string, string>> = {
  "Read Topic": "read",
  "Write Topic": "write",
  "Describe Topic": "see",
  "DescribeConfigs Topic": "see the settings of",
  "Read Group": "use the consumer group",
  "Delete Group": "delete the consumer group",
  "Describe Group": "see the consumer group",
  "Write TransactionalId": "use the transactional id",
  "Describe TransactionalId": "see the transactional id",
  "Describe Cluster": "see the cluster",
  "DescribeConfigs Cluster": "see the settings of the cluster",
  "CONNECT database": "connect to",
  "CREATE database": "create schemas in",
  "TEMPORARY database": "create temporary tables in",
  "USAGE schema": "use the schema of",
  "CREATE schema": "create tables in",
  "SELECT table": "read the tables of",
  "INSERT table": "add rows to the tables of",
  "UPDATE table": "change rows in the tables of",
  "DELETE table": "delete rows from the tables of",
  "TRUNCATE table": "empty the tables of",
  "USAGE sequence": "take numbers from the sequences of",
  "SELECT sequence": "read the sequences of",
  "UPDATE sequence": "set the sequences of",
  "EXECUTE function": "call the functions of",
};

/** What a user may do, so that the object may follow: `read`, `use the consumer group`. */
export const verbOf = ({ privilege }: Pick<RightChange, "privilege">): string =>
  VERBS[privilege] ?? privilege;

/** Rights that say nothing beside a wider one on the same object. */
const IMPLIED_BY: Readonly<Record<string, readonly string[]>> = {
  "DescribeConfigs Topic": ["Read Topic", "Write Topic"],
  "Describe TransactionalId": ["Write TransactionalId"],
};

/** The changes of rights without those that follow from another one in the list. */
export const withoutImplied = (rights: readonly RightChange[]): RightChange[] =>
  rights.filter(
    (right) =>
      !rights.some(
        (other) =>
          IMPLIED_BY[right.privilege]?.includes(other.privilege) &&
          (["system", "user", "change", "object"] as const).every(
            (key) => other[key] === right[key],
          ),
      ),
  );

const DAY_MS = 24 * 60 * 60 * 1000;

/** Settings of topics as people call them. */
const SETTINGS: Readonly<Record<string, string>> = {
  "retention.ms": "retention",
  replicationFactor: "copies",
};

/** A setting of a topic that changes: `retention: 30 days (was 7 days)`. */
export function settingText({ setting, before, after }: PlannedTopic["changes"][number]): string {
  const name = SETTINGS[setting] ?? setting;
  const shown = (value: string | undefined) => {
    const days = Number(value) / DAY_MS;
    const isInDays = setting === "retention.ms" && Number.isInteger(days) && days > 0;
    return isInDays ? `${days} ${days === 1 ? "day" : "days"}` : (value ?? "not set");
  };
  return `${name}: ${shown(after)}${before === undefined ? "" : ` (was ${shown(before)})`}`;
}
