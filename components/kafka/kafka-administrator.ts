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
  /** Values of the requested settings, defaults included. */
  config: Readonly<Record<string, string>>;
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
}
