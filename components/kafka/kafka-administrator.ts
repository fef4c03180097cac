/** What the platform itself asks a Kafka broker for. Topics and users are created by the plugin of Kafka. */
import type { Right } from "../../catalog/right-lines";

export interface KafkaAcl extends Right {
  /** With its kind, such as `User:user-service`. */
  principal: string;
  /** An address, or * for any. */
  host: string;
  permission: "allow" | "deny";
}

/** A topic as the broker has it. */
export interface KafkaTopic {
  partitions: number;
  /** Copies of each record: of the partition that has the fewest. */
  copies: number;
  /** Values of the requested settings, defaults included. */
  config: Readonly<Record<string, string>>;
}

/** Copies of a topic's records: of the partition that has the fewest. */
export interface TopicCopies {
  /** Copies that there are to be. */
  all: number;
  /**
   * Copies that have every record, as the brokers tell it. Redpanda counts all (redpanda v26.2,
   * src/v/kafka/server/handlers/metadata.cc, isr_nodes).
   */
  inSync: number;
  /** Whether brokers are still moving or making some of its copies. */
  isMoving: boolean;
}

/** A topic that is asked about, and not created. */
export interface ProbeTopic {
  name: string;
  replicationFactor: number;
  config: Readonly<Record<string, string>>;
}

/** Questions of a check, over the same connection. Each throws the error with which the broker refuses. */
export interface KafkaExaminer {
  /** Number of brokers. */
  brokers(): Promise<number>;
  /** Whether a topic could be created. */
  tryTopic(topic: ProbeTopic): Promise<void>;
  /** Whether a user's SCRAM credentials can be seen, whether the user exists or not. */
  tryUser(name: string): Promise<void>;
}

/** How the copies of a topic's partitions are. */
export interface TopicHealth {
  name: string;
  /** Partitions that nobody can write or read. */
  leaderless: number;
  /** Partitions that have fewer copies than they should. */
  underReplicated: number;
}

/** Uses of topics by a report. Each throws the error with which the broker refuses. */
export interface KafkaMessenger {
  /** Every topic that the user may see. */
  topicHealth(): Promise<TopicHealth[]>;
  /** Creates a topic with one partition and the broker's defaults. Some brokers may hear of it later. */
  createTopic(name: string, replicationFactor: number): Promise<void>;
  deleteTopics(names: readonly string[]): Promise<void>;
  /**
   * Writes a message to a new topic of one partition, and reads the topic's first message.
   * @returns its text, or undefined if nothing came back
   */
  echo(topic: string, text: string): Promise<string | undefined>;
}

/** Requests over one connection as an administrator. Each method throws the error that the broker answers. */
export interface KafkaAdministrator {
  /** The ACLs on topics, groups, the cluster and transactional ids: all, or those of one principal. */
  acls(principal?: string): Promise<KafkaAcl[]>;
  /** Creates those that do not exist yet. */
  createAcls(acls: readonly KafkaAcl[]): Promise<void>;
  /** Removes exactly these. */
  deleteAcls(acls: readonly KafkaAcl[]): Promise<void>;
  /** Names of all consumer groups. */
  groups(): Promise<string[]>;
  /** Deletes consumer groups. @returns those that have members, which stay */
  deleteGroups(names: readonly string[]): Promise<string[]>;
  /**
   * Topics by name; a topic that does not exist is left out.
   * @param settings names of the settings to read, by topic
   */
  topics(settings: Readonly<Record<string, readonly string[]>>): Promise<Map<string, KafkaTopic>>;
  /** Copies by topic; a topic that does not exist is left out. */
  copies(topics: readonly string[]): Promise<Map<string, TopicCopies>>;
  /** Tells the brokers to have so many copies of topics, which they make in the background. */
  setCopies(topics: readonly string[], copies: number): Promise<void>;
}
