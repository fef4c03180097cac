import * as kafka from "@pulumi/kafka";
import * as pulumi from "@pulumi/pulumi";

import { CONSOLE_USER, rightsByPrincipal } from "../../catalog/acls";
import { sharedName } from "../../catalog/names";
import { ALLOW, type Rights } from "../../catalog/right-lines";
import type { TopicDefinition } from "../../catalog/topics";
import { createPassword } from "../platform/password";
import { isProtected, type Protection } from "../platform/protection";
import type { GivenUser, KafkaCluster } from "./kafka-cluster";
import { KafkaCopies } from "./kafka-copies";
import { KafkaRights } from "./kafka-rights";

const DAY_MS = 24 * 60 * 60 * 1000;
const SCRAM_ITERATIONS = 4096;

export interface EventTopicsArgs {
  cluster: KafkaCluster;
  /** By the name that the catalogue has for each. */
  topics: Readonly<Record<string, TopicDefinition>>;
  /** Users who write and read them. */
  users: readonly string[];
  /** Start of the names on the cluster (catalog/names.ts). @default "" */
  prefix?: string;
  /** User to create before everything else on the cluster, because a server waits for it. */
  firstUser?: string;
  protection: Protection;
}

/**
 * The platform's topics, a SCRAM user for each principal unless users are given, and the rights that follow from who
 * writes and reads what.
 */
export class EventTopics extends pulumi.ComponentResource {
  public readonly topicNames: string[];
  /** How each user logs in. */
  public readonly users: Readonly<Record<string, GivenUser>>;
  /** What a server that logs in as a user waits for; undefined for a user that is there already. */
  public readonly made: Readonly<Record<string, pulumi.Resource | pulumi.Resource[] | undefined>>;
  /** What everything else on the cluster waits for. */
  private readonly first?: pulumi.Resource | pulumi.Resource[];

  constructor(
    private readonly name: string,
    private readonly args: EventTopicsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("learning-platform:events:EventTopics", name, {}, opts);
    const { cluster, topics, firstUser, prefix = "" } = args;

    this.topicNames = Object.keys(topics).map((topic) => sharedName(prefix, topic));
    this.users = cluster.users ?? this.forEachUser((user) => this.generateLogin(user));
    const generated = cluster.users ? [] : Object.values(this.users);
    const provider = cluster.createProvider(generated.map(({ password }) => password));
    const begin = cluster.capabilities.superuser ? cluster.ready : this.createOwnRights();
    const create = (user: string, after: pulumi.Resource | pulumi.Resource[] | undefined) =>
      cluster.users ? undefined : this.createUser(user, provider, after);
    this.first = (firstUser === undefined ? undefined : create(firstUser, begin)) ?? begin;
    this.made = this.forEachUser((user) =>
      user === firstUser ? this.first : create(user, this.first),
    );
    const copies = cluster.capabilities.raisesCopies ? this.raiseCopies() : undefined;
    for (const [topic, definition] of Object.entries(topics)) {
      this.createTopic(topic, definition, provider, copies ?? this.first);
    }
    this.createRights();
    this.registerOutputs({ topicNames: this.topicNames });
  }

  private forEachUser<T>(create: (user: string) => T): Record<string, T> {
    return Object.fromEntries(this.args.users.map((user) => [user, create(user)]));
  }

  private generateLogin(user: string): GivenUser {
    const username = sharedName(this.args.prefix ?? "", user);
    const password = createPassword(`${this.name}-${user}`, { parent: this });
    return { username, principal: username, password };
  }

  /** What lives on a cluster goes with its data: deleting each topic on its own takes seconds. */
  private ownOptions(dependsOn: pulumi.Resource | pulumi.Resource[] | undefined) {
    return { parent: this, dependsOn, deletedWith: this.args.cluster.lifetime };
  }

  private createUser(
    user: string,
    provider: kafka.Provider,
    after: pulumi.Resource | pulumi.Resource[] | undefined,
  ): pulumi.Resource {
    return new kafka.UserScramCredential(
      `${this.name}-${user}`,
      {
        username: this.users[user].username,
        scramMechanism: this.args.cluster.capabilities.saslMechanism,
        scramIterations: SCRAM_ITERATIONS,
        password: this.users[user].password,
      },
      { ...this.ownOptions(after), provider },
    );
  }

  private createTopic(
    topic: string,
    definition: TopicDefinition,
    provider: kafka.Provider,
    after: pulumi.Resource | pulumi.Resource[] | undefined,
  ): void {
    const name = sharedName(this.args.prefix ?? "", topic);
    const { replicationFactor, fixedTopicSettings } = this.args.cluster.capabilities;
    new kafka.Topic(
      `${this.name}-${topic}`,
      {
        name,
        partitions: definition.partitions,
        replicationFactor,
        config: topicSettings(definition, fixedTopicSettings),
      },
      {
        ...this.ownOptions(after),
        provider,
        protect: isProtected(name, this.args.protection),
        // Two topics of one name cannot exist at the same time.
        deleteBeforeReplace: true,
      },
    );
  }

  /** Before the provider of Kafka looks at the topics: it then finds the copies that it is to have made. */
  private raiseCopies(): pulumi.Resource {
    return new KafkaCopies(
      `${this.name}-copies`,
      {
        ...this.connection(),
        copies: this.args.cluster.capabilities.replicationFactor,
        topics: this.topicNames,
      },
      this.ownOptions(this.first),
    );
  }

  private createRights(): void {
    const { topics, prefix = "", users, cluster, protection } = this.args;
    // Other stacks on the cluster may have been given the same users.
    const isShared = prefix !== "" && cluster.users !== undefined;
    // What outlives the stack would keep them, and a later stack of the same name would go on at their offsets.
    const deletesGroups = prefix !== "" && !protection.protect && cluster.lifetime === undefined;
    for (const [user, rights] of Object.entries(rightsByPrincipal(topics, prefix))) {
      if (users.includes(user)) {
        new KafkaRights(
          `${this.name}-${user}-rights`,
          {
            ...this.connection(),
            principal: this.users[user].principal,
            rights,
            ...(isShared ? { atLeast: true } : {}),
            ...(deletesGroups && user !== CONSOLE_USER ? { deletesGroups: true } : {}),
          },
          // The broker accepts rights of users and on topics that do not exist yet.
          this.ownOptions(this.first),
        );
      }
    }
  }

  /**
   * The administrator's own rights, before all others: with the first right on a resource, a cluster that lets everybody
   * do what no right forbids begins to refuse everybody else. They stay when the stack goes: another one may need them.
   */
  private createOwnRights(): pulumi.Resource {
    const { cluster } = this.args;
    return new KafkaRights(
      `${this.name}-administrator-rights`,
      {
        ...this.connection(),
        principal: cluster.administrator.username,
        rights: ADMINISTRATOR_RIGHTS,
        atLeast: true,
      },
      { parent: this, dependsOn: cluster.ready, retainOnDelete: true },
    );
  }

  private connection() {
    const { bootstrapServers, administrator, trusted, capabilities } = this.args.cluster;
    const { saslMechanism } = capabilities;
    return {
      bootstrapServers,
      // Stated only where it is another one: states of containers do not have it.
      ...(saslMechanism === "SCRAM-SHA-256" ? {} : { saslMechanism }),
      adminUsername: administrator.username,
      adminPassword: administrator.password,
      trusted,
    };
  }
}

/**
 * The settings of a topic, each stated: some brokers report their defaults as if they had been set.
 * @param fixed settings that the cluster lets nobody change
 */
export function topicSettings(
  { retentionDays, compression }: TopicDefinition,
  fixed: readonly string[],
): Record<string, string> {
  const settings = {
    "cleanup.policy": "delete",
    "retention.ms": String(retentionDays * DAY_MS),
    "compression.type": compression,
  };
  return Object.fromEntries(
    Object.entries(settings).filter(([setting]) => !fixed.includes(setting)),
  );
}

/** All that an administrator does, on everything. */
const ADMINISTRATOR_RIGHTS: Rights = Object.fromEntries(
  ["cluster kafka-cluster", "group *", "topic *", "transactional id *"].map((on) => [
    `All ${on}`,
    ALLOW,
  ]),
);
