import * as kafka from "@pulumi/kafka";
import * as pulumi from "@pulumi/pulumi";

import { SYSTEM_AUTHORITIES } from "../../catalog/client-settings";
import type { SaslMechanism } from "../../contract/connections";
import type { KafkaCapabilities, KafkaCluster } from "./kafka-cluster";

export interface ExistingKafkaArgs {
  /** host:port of each broker to begin with. */
  bootstrapServers: readonly string[];
  username: string;
  password: string;
  saslMechanism: SaslMechanism;
  /** Whether the administrator may do everything without rights of its own. */
  superuser: boolean;
  replicationFactor: number;
  fixedTopicSettings: readonly string[];
  /** PEM of the authorities to trust, or `system`; undefined if connections are not encrypted. */
  trusted?: string;
  users?: Readonly<Record<string, { username: string; password: string; principal?: string }>>;
  schemaRegistryUrl?: string;
}

/** A Redpanda or Kafka cluster that the stack did not start. */
export class ExistingKafka extends pulumi.ComponentResource implements KafkaCluster {
  public readonly bootstrapServers: string;
  public readonly internalBootstrapServers: string;
  public readonly schemaRegistry: KafkaCluster["schemaRegistry"];
  public readonly administrator: KafkaCluster["administrator"];
  public readonly trusted?: pulumi.Output<string>;
  public readonly users?: KafkaCluster["users"];
  public readonly capabilities: KafkaCapabilities;

  constructor(
    private readonly name: string,
    private readonly args: ExistingKafkaArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("learning-platform:kafka:ExistingCluster", name, {}, opts);
    const { username, saslMechanism, superuser, replicationFactor, fixedTopicSettings } = args;
    this.bootstrapServers = args.bootstrapServers.join(",");
    // What is reached from everywhere is reached from a container as well.
    this.internalBootstrapServers = this.bootstrapServers;
    this.schemaRegistry = existingRegistry(args.schemaRegistryUrl);
    this.administrator = { username, password: pulumi.secret(args.password) };
    this.trusted = args.trusted === undefined ? undefined : pulumi.output(args.trusted);
    this.users =
      args.users &&
      Object.fromEntries(
        Object.entries(args.users).map(([user, given]) => [
          user,
          {
            username: given.username,
            principal: given.principal ?? given.username,
            password: pulumi.secret(given.password),
          },
        ]),
      );
    this.capabilities = { saslMechanism, superuser, replicationFactor, fixedTopicSettings };
    this.registerOutputs({ bootstrapServers: this.bootstrapServers });
  }

  public createProvider(userPasswords: pulumi.Output<string>[]): kafka.Provider {
    const { args } = this;
    return new kafka.Provider(
      `${this.name}-provider`,
      {
        bootstrapServers: [...args.bootstrapServers],
        saslUsername: args.username,
        // As in RedpandaContainer: the engine does not ask the plugin while a user's password is not known.
        saslPassword: pulumi
          .all([this.administrator.password, ...userPasswords])
          .apply(([first]) => first),
        saslMechanism: PROVIDER_MECHANISMS[args.saslMechanism],
        tlsEnabled: args.trusted !== undefined,
        // Without caCert the provider trusts the system's authorities (v0.13.1, kafka/config.go, newTLSConfig).
        ...(args.trusted === undefined || args.trusted === SYSTEM_AUTHORITIES
          ? {}
          : { caCert: args.trusted }),
      },
      { parent: this },
    );
  }
}

export const existingRegistry = (url: string | undefined): KafkaCluster["schemaRegistry"] =>
  url === undefined ? undefined : { url, internalUrl: url };

/** Names of the mechanisms in the provider (Mongey/terraform-provider-kafka v0.13.1, kafka/provider.go, line 209). */
const PROVIDER_MECHANISMS: Readonly<Record<SaslMechanism, string>> = {
  "SCRAM-SHA-256": "scram-sha256",
  "SCRAM-SHA-512": "scram-sha512",
  PLAIN: "plain",
};
