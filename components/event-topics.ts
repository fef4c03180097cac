import * as kafka from "@pulumi/kafka";
import * as pulumi from "@pulumi/pulumi";

import { aclName, aclsFor, KAFKA_USERS } from "../catalog/acls";
import type { TopicDefinition } from "../catalog/topics";
import { createPassword } from "./password";
import type { RedpandaBroker } from "./redpanda-broker";
import { SCRAM_MECHANISM } from "./redpanda-config";

const DAY_MS = 24 * 60 * 60 * 1000;
const SCRAM_ITERATIONS = 4096;

export interface EventTopicsArgs {
  broker: RedpandaBroker;
  topics: Readonly<Record<string, TopicDefinition>>;
  /** Whether topics are protected from deletion. */
  protect: boolean;
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
    const { broker, topics, protect } = args;
    const child = {
      parent: this,
      provider: broker.provider,
      // What lives on the broker goes with its data; deleted one by one, each topic takes seconds.
      deletedWith: broker.data,
    };

    const credentials = Object.fromEntries(KAFKA_USERS.map((user) => [user, createUser(user)]));
    createTopics();
    createAcls();
    this.topicNames = Object.keys(topics);
    this.passwords = mapValues(credentials, ({ password }) => password);
    this.users = mapValues(credentials, ({ user }) => user);
    this.registerOutputs({ topicNames: this.topicNames, passwords: this.passwords });

    function createUser(username: string) {
      const password = createPassword(`${name}-${username}`, { parent: child.parent });
      const user = new kafka.UserScramCredential(
        `${name}-${username}`,
        {
          username,
          scramMechanism: SCRAM_MECHANISM,
          scramIterations: SCRAM_ITERATIONS,
          password,
        },
        child,
      );
      return { password, user };
    }

    function createTopics() {
      for (const [topic, { partitions, retentionDays, compression }] of Object.entries(topics)) {
        new kafka.Topic(
          `${name}-${topic}`,
          {
            name: topic,
            partitions,
            replicationFactor: 1,
            // Each stated, as some brokers report their defaults as if they had been set.
            config: {
              "cleanup.policy": "delete",
              "retention.ms": String(retentionDays * DAY_MS),
              "compression.type": compression,
            },
          },
          { ...child, protect },
        );
      }
    }

    function createAcls() {
      for (const acl of aclsFor(topics)) {
        new kafka.Acl(
          `${name}-${aclName(acl)}`,
          {
            aclPrincipal: `User:${acl.principal}`,
            aclHost: "*",
            aclOperation: acl.operation,
            aclPermissionType: "Allow",
            aclResourceType: acl.resourceType,
            aclResourceName: acl.resourceName,
            resourcePatternTypeFilter: acl.pattern,
          },
          child,
        );
      }
    }
  }
}

function mapValues<T, R>(record: Record<string, T>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
