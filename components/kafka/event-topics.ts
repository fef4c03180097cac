import * as kafka from "@pulumi/kafka";
import * as pulumi from "@pulumi/pulumi";

import { KAFKA_USERS, rightsByPrincipal } from "../../catalog/acls";
import type { TopicDefinition } from "../../catalog/topics";
import { createPassword } from "../platform/password";
import { isProtected, type Protection } from "../platform/protection";
import type { KafkaCluster } from "./kafka-cluster";
import { KafkaRights } from "./kafka-rights";

const DAY_MS = 24 * 60 * 60 * 1000;
const SCRAM_ITERATIONS = 4096;

export interface EventTopicsArgs {
  cluster: KafkaCluster;
  topics: Readonly<Record<string, TopicDefinition>>;
  /** User to create before everything else on the cluster, because a server waits for it. */
  firstUser: string;
  protection: Protection;
}

/** The platform's topics, a SCRAM user for each principal, and the rights that follow from who writes and reads what. */
export class EventTopics extends pulumi.ComponentResource {
  public readonly topicNames: string[];
  /** Passwords by user; secret. */
  public readonly passwords: Readonly<Record<string, pulumi.Output<string>>>;
  /** The users, for a server that can log in only once they exist. */
  public readonly users: Readonly<Record<string, pulumi.Resource>>;

  constructor(
    private readonly name: string,
    private readonly args: EventTopicsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("learning-platform:events:EventTopics", name, {}, opts);
    const { cluster, topics } = args;

    this.topicNames = Object.keys(topics);
    this.passwords = forEachUser((user) => createPassword(`${name}-${user}`, { parent: this }));
    const provider = cluster.createProvider(Object.values(this.passwords));
    const { firstUser } = args;
    const first = this.createUser(firstUser, provider, cluster.ready);
    this.users = forEachUser((user) =>
      user === firstUser ? first : this.createUser(user, provider, first),
    );
    for (const [topic, definition] of Object.entries(topics)) {
      this.createTopic(topic, definition, provider);
    }
    this.createRights();
    this.registerOutputs({ topicNames: this.topicNames, passwords: this.passwords });
  }

  /** What lives on a cluster goes with its data: deleting each topic on its own takes seconds. */
  private ownOptions(dependsOn: pulumi.Resource | undefined) {
    return { parent: this, dependsOn, deletedWith: this.args.cluster.lifetime };
  }

  private createUser(
    username: string,
    provider: kafka.Provider,
    after: pulumi.Resource | undefined,
  ): pulumi.Resource {
    return new kafka.UserScramCredential(
      `${this.name}-${username}`,
      {
        username,
        scramMechanism: this.args.cluster.capabilities.saslMechanism,
        scramIterations: SCRAM_ITERATIONS,
        password: this.passwords[username],
      },
      { ...this.ownOptions(after), provider },
    );
  }

  private createTopic(topic: string, definition: TopicDefinition, provider: kafka.Provider): void {
    const { replicationFactor, fixedTopicSettings } = this.args.cluster.capabilities;
    // Each is stated, as some brokers report their defaults as if they had been set.
    const settings = {
      "cleanup.policy": "delete",
      "retention.ms": String(definition.retentionDays * DAY_MS),
      "compression.type": definition.compression,
    };
    new kafka.Topic(
      `${this.name}-${topic}`,
      {
        name: topic,
        partitions: definition.partitions,
        replicationFactor,
        config: Object.fromEntries(
          Object.entries(settings).filter(([setting]) => !fixedTopicSettings.includes(setting)),
        ),
      },
      {
        ...this.ownOptions(this.users[this.args.firstUser]),
        provider,
        protect: isProtected(topic, this.args.protection),
        // Two topics of one name cannot exist at the same time.
        deleteBeforeReplace: true,
      },
    );
  }

  private createRights(): void {
    const { bootstrapServers, administrator, trusted } = this.args.cluster;
    for (const [principal, rights] of Object.entries(rightsByPrincipal(this.args.topics))) {
      new KafkaRights(
        `${this.name}-${principal}-rights`,
        {
          bootstrapServers,
          adminUsername: administrator.username,
          adminPassword: administrator.password,
          trusted,
          principal,
          rights,
        },
        // The broker accepts rights of users and on topics that do not exist yet.
        this.ownOptions(this.users[this.args.firstUser]),
      );
    }
  }
}

function forEachUser<T>(create: (user: string) => T): Record<string, T> {
  return Object.fromEntries(KAFKA_USERS.map((user) => [user, create(user)]));
}
