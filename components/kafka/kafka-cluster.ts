import type * as kafka from "@pulumi/kafka";
import type * as pulumi from "@pulumi/pulumi";

import type { SaslMechanism } from "../../contract/connections";
import type { Server } from "../platform/server";

/** One or more brokers that speak Kafka's protocol, with a schema registry. */
export interface KafkaCluster extends Server {
  /** Brokers as clients on the host name them, such as host:port,host:port. */
  readonly bootstrapServers: string;
  /** Brokers as containers on the platform's network name them. */
  readonly internalBootstrapServers: string;
  /** Undefined if there is none. Users of the brokers log in to it with the same passwords. */
  readonly schemaRegistry?: {
    readonly url: string;
    /** Its URL as containers on the platform's network name it. */
    readonly internalUrl: string;
    /** Who registers schemas; undefined where the stack has no login for that. */
    readonly registrar?: { readonly username: string; readonly password: pulumi.Input<string> };
  };
  /** Names of its containers; undefined if the stack does not run it. */
  readonly brokerNames?: readonly string[];
  /** Users that are there already, by the name that the catalogue has for each; undefined where the stack creates them. */
  readonly users?: Readonly<Record<string, GivenUser>>;
  /** URL of Redpanda's admin API; undefined if there is none. */
  readonly adminUrl?: string;
  readonly capabilities: KafkaCapabilities;
  /**
   * A provider that acts on the cluster as its administrator, once the cluster is ready.
   * @param userPasswords of the users that it will create: the provider is configured only when they are known
   */
  createProvider(userPasswords: pulumi.Output<string>[]): kafka.Provider;
}

export interface GivenUser {
  readonly username: string;
  /** By which rights name the user, without `User:`. */
  readonly principal: string;
  /** Secret. */
  readonly password: pulumi.Output<string>;
}

export interface KafkaCapabilities {
  /** Whether its administrator may do everything. Any other needs rights of its own before it gives rights to others. */
  readonly superuser: boolean;
  /** With which users log in. */
  readonly saslMechanism: SaslMechanism;
  /** Copies that it keeps of each record, at most one a broker. */
  readonly replicationFactor: number;
  /**
   * Stated where the number of copies of a topic that exists is a setting of the topic, `replication.factor`, as Redpanda
   * has it. The provider of Kafka changes it by a reassignment of partitions, which Redpanda refuses.
   */
  readonly raisesCopies?: true;
  /** Settings of topics that it does not let anybody change, so that topics are created without them. */
  readonly fixedTopicSettings: readonly string[];
}
