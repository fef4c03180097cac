/** What a Kafka cluster that exists already must be and allow, found out before anything is made on it. */
import { sharedName } from "../../catalog/names";
import type { SaslMechanism } from "../../contract/connections";
import type { ServerFinding } from "../platform/server-finding";
import { userPrincipal } from "./kafka-acls";
import type {
  KafkaAcl,
  KafkaAdministrator,
  KafkaExaminer,
  KafkaTopic,
} from "./kafka-administrator";
import { asAdministrator, KafkaLoginError, KafkaUnreachableError } from "./kafka-client";
import { probe } from "./kafka-probe";

const KEY = "kafkaCluster";
const TIMEOUT_MS = 10_000;
/** A user and a topic that nobody has: the check asks about them, and creates neither. */
const NOBODY = "learning-platform-check";

export interface CheckedKafka {
  /** host:port of each broker to begin with. */
  bootstrapServers: readonly string[];
  username: string;
  password: string;
  saslMechanism: SaslMechanism;
  trusted?: string;
  replicationFactor: number;
  /** Whether the stack creates the users. */
  createsUsers: boolean;
  /** Start of the names on the cluster (catalog/names.ts). */
  prefix: string;
  /** Settings that topics are created with. */
  topicSettings: KafkaTopic["config"];
}

const fault = (key: string, reason: string): ServerFinding => ({
  ...{ key: `${KEY}.${key}`, reason, kind: "fault" },
});

/** Asks the cluster, and changes nothing on it. */
export async function checkKafka(
  cluster: CheckedKafka,
  timeoutMs = TIMEOUT_MS,
): Promise<ServerFinding[]> {
  const { bootstrapServers, trusted } = cluster;
  const probed = await Promise.all(
    bootstrapServers.map(async (address) => ({
      address,
      finding: await probe(address, trusted, timeoutMs),
    })),
  );
  const findings = probed.map(({ finding }) => finding).filter((found) => found !== undefined);
  const faults = findings.filter(({ kind }) => kind === "fault");
  const answering = probed.filter(({ finding }) => !finding).map(({ address }) => address);
  if (faults.length > 0 || answering.length === 0) {
    return faults.length > 0 ? faults.slice(0, 1) : findings;
  }
  // Clients begin with any other.
  const warnings = findings.map((finding): ServerFinding => ({ ...finding, kind: "warning" }));
  return [...warnings, ...(await logIn(cluster, answering.join(), timeoutMs))];
}

async function logIn(
  cluster: CheckedKafka,
  bootstrapServers: string,
  timeoutMs: number,
): Promise<ServerFinding[]> {
  const { username, password, saslMechanism, trusted } = cluster;
  try {
    return await asAdministrator(
      { bootstrapServers, username, password, saslMechanism, trusted },
      (administrator) => examine(administrator, cluster),
      timeoutMs,
    );
  } catch (error) {
    return [refusal(error as Error, cluster, bootstrapServers)];
  }
}

/** What a failed login says of the configuration. */
function refusal(
  error: Error,
  { username, saslMechanism }: CheckedKafka,
  servers: string,
): ServerFinding {
  if (error instanceof KafkaLoginError) {
    return fault(
      "password",
      `or username is wrong, or saslMechanism: ${servers} refuses ${username} by ${saslMechanism} (${error.message})`,
    );
  }
  if (typeOf(error) === "UNSUPPORTED_SASL_MECHANISM") {
    return fault(
      "saslMechanism",
      `must be one that ${servers} offers, which ${saslMechanism} is not`,
    );
  }
  if (error instanceof KafkaUnreachableError) {
    const reason = `names ${servers}, which answers; a broker of the cluster does not at the address that it advertises (${error.message})`;
    return { key: `${KEY}.bootstrapServers`, reason, kind: "out of reach" };
  }
  return fault(
    "bootstrapServers",
    `names ${servers}, which refuses what is asked: ${error.message}`,
  );
}

/** What an administrator who is logged in may do. One right that is missing may be behind several refusals. */
export async function examine(
  administrator: Pick<KafkaAdministrator, "acls" | "deleteAcls"> & KafkaExaminer,
  cluster: CheckedKafka,
): Promise<ServerFinding[]> {
  const { username, replicationFactor, createsUsers, prefix, topicSettings } = cluster;
  const brokers = await administrator.brokers();
  const nobodys: KafkaAcl = {
    ...{ principal: userPrincipal(sharedName(prefix, NOBODY)), host: "*", permission: "allow" },
    ...{ operation: "Read", resourceType: "Topic", resourceName: NOBODY, pattern: "Literal" },
  };
  const topic = {
    name: sharedName(prefix, NOBODY),
    replicationFactor: Math.min(replicationFactor, brokers),
    config: topicSettings,
  };
  const questions: [act: () => Promise<unknown>, refusals: Refusals][] = [
    [() => administrator.acls(userPrincipal(username)), REFUSED_RIGHTS],
    // To delete rights takes the same right as to create them, and there are none.
    [() => administrator.deleteAcls([nobodys]), REFUSED_RIGHTS],
    [() => administrator.tryTopic(topic), REFUSED_TOPICS],
  ];
  if (createsUsers) {
    questions.push([() => administrator.tryUser(NOBODY), REFUSED_USERS]);
  }
  const answers = await Promise.all(
    questions.map(([act, refusals]) => ask(act, refusals, cluster)),
  );
  const tooMany =
    replicationFactor > brokers
      ? [
          fault(
            "replicationFactor",
            `must be at most ${brokers}, the number of brokers, each of which keeps one copy`,
          ),
        ]
      : [];
  const found = [...tooMany, ...answers.flat()];
  return found.filter(
    ({ reason }, index) => found.findIndex((other) => other.reason === reason) === index,
  );
}

/** What a refusal says of the configuration, by Kafka's name of the error. */
type Refusals = Readonly<Record<string, (cluster: CheckedKafka) => ServerFinding>>;

const mayNot =
  (what: string) =>
  ({ username }: CheckedKafka) =>
    fault("username", `must be a login that may ${what}, which ${username} may not`);

const REFUSED_RIGHTS: Refusals = {
  CLUSTER_AUTHORIZATION_FAILED: mayNot("see and change rights (Describe and Alter on the cluster)"),
  SECURITY_DISABLED: () =>
    fault(
      "bootstrapServers",
      "names a cluster whose rights are turned off, so that everybody may do everything: turn its authorizer on",
    ),
};

const noUsers = () =>
  fault(
    "users",
    "must be given: the cluster lets nobody create users by Kafka's API (DescribeUserScramCredentials)",
  );
const REFUSED_USERS: Refusals = {
  UNSUPPORTED_VERSION: noUsers,
  INVALID_REQUEST: noUsers,
  CLUSTER_AUTHORIZATION_FAILED: () =>
    fault(
      "users",
      "must be given, or username must be a login that may create users (Describe and Alter on the cluster)",
    ),
};

const fixed = ({ topicSettings }: CheckedKafka) =>
  fault(
    "fixedTopicSettings",
    `must name those settings of topics that the cluster lets nobody change, of ${Object.keys(topicSettings).join(", ")}`,
  );
const REFUSED_TOPICS: Refusals = {
  TOPIC_AUTHORIZATION_FAILED: mayNot("create topics"),
  CLUSTER_AUTHORIZATION_FAILED: mayNot("create topics"),
  INVALID_CONFIG: fixed,
  POLICY_VIOLATION: fixed,
  INVALID_REPLICATION_FACTOR: ({ replicationFactor }) =>
    fault(
      "replicationFactor",
      `must be a number that the cluster takes, which ${replicationFactor} is not`,
    ),
};

async function ask(
  act: () => Promise<unknown>,
  refusals: Refusals,
  cluster: CheckedKafka,
): Promise<ServerFinding[]> {
  try {
    await act();
    return [];
  } catch (error) {
    const refused = refusals[typeOf(error) ?? ""];
    if (refused === undefined) {
      throw error;
    }
    return [refused(cluster)];
  }
}

/** Kafka's name of the error that the broker answered. */
function typeOf(error: unknown): string | undefined {
  const { type, cause } = error as { type?: string; cause?: unknown };
  return type ?? (cause instanceof Error ? typeOf(cause) : undefined);
}
