import * as kafka from "@pulumi/kafka";
import * as pulumi from "@pulumi/pulumi";

import { KAFKA_USERS, rightsByPrincipal } from "../../catalog/acls";
import type { TopicDefinition } from "../../catalog/topics";
import { createPassword } from "../platform/password";
import { isProtected, type Protection } from "../platform/protection";
import { KafkaRights } from "./kafka-rights";
import { BROKERS, type RedpandaBroker } from "./redpanda-broker";
import { SCRAM_MECHANISM } from "./redpanda-config";

const DAY_MS = 24 * 60 * 60 * 1000;
const SCRAM_ITERATIONS = 4096;

export interface EventTopicsArgs {
  broker: RedpandaBroker;
  topics: Readonly<Record<string, TopicDefinition>>;
  protection: Protection;
}

/** The platform's topics, a SCRAM user for each who uses them, and the rights that follow from who writes and reads what. */
export class EventTopics extends pulumi.ComponentResource {
  public readonly topicNames: string[];
  /** Passwords by user; secret. */
  public readonly passwords: Readonly<Record<string, pulumi.Output<string>>>;
  /** The users themselves, for whoever must log in only once they exist. */
  public readonly users: Readonly<Record<string, pulumi.Resource>>;

  constructor(name: string, args: EventTopicsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:events:EventTopics", name, {}, opts);
    const { broker, topics, protection } = args;
    const passwords = mapUsers((user) => createPassword(`${name}-${user}`, { parent: this }));
    // What lives on the broker goes with its data; deleted one by one, each topic takes seconds.
    const own = { parent: this, deletedWith: broker.data };
    const child = { ...own, provider: broker.createProvider(Object.values(passwords)) };

    const users = mapUsers(createUser);
    createTopics();
    createRights();
    this.topicNames = Object.keys(topics);
    this.passwords = passwords;
    this.users = users;
    this.registerOutputs({ topicNames: this.topicNames, passwords: this.passwords });

    function createUser(username: string) {
      return new kafka.UserScramCredential(
        `${name}-${username}`,
        {
          username,
          scramMechanism: SCRAM_MECHANISM,
          scramIterations: SCRAM_ITERATIONS,
          password: passwords[username],
        },
        child,
      );
    }

    function createTopics() {
      for (const [topic, { partitions, retentionDays, compression }] of Object.entries(topics)) {
        new kafka.Topic(
          `${name}-${topic}`,
          {
            name: topic,
            partitions,
            replicationFactor: BROKERS,
            // Each stated, as some brokers report their defaults as if they had been set.
            config: {
              "cleanup.policy": "delete",
              "retention.ms": String(retentionDays * DAY_MS),
              "compression.type": compression,
            },
          },
          {
            ...child,
            protect: isProtected(topic, protection),
            // Two topics of one name cannot be.
            deleteBeforeReplace: true,
          },
        );
      }
    }

    function createRights() {
      const { bootstrapServers, adminUsername, adminPassword, trusted } = broker;
      for (const [principal, rights] of Object.entries(rightsByPrincipal(topics))) {
        new KafkaRights(
          `${name}-${principal}-rights`,
          { bootstrapServers, adminUsername, adminPassword, trusted, principal, rights },
          // The broker takes rights of users and on topics that do not exist yet.
          { ...own, dependsOn: broker.ready },
        );
      }
    }
  }
}

function mapUsers<T>(make: (user: string) => T): Record<string, T> {
  return Object.fromEntries(KAFKA_USERS.map((user) => [user, make(user)]));
}
