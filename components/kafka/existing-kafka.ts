import type * as kafka from "@pulumi/kafka";
import * as pulumi from "@pulumi/pulumi";

import { SYSTEM_AUTHORITIES } from "../../catalog/client-settings";
import type { SaslMechanism } from "../../contract/connections";
import type { KafkaCapabilities, KafkaCluster } from "./kafka-cluster";
import { createKafkaProvider } from "./kafka-provider";

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
  schemaRegistry?: ExistingRegistry;
}

/** A schema registry that the stack did not start. */
export interface ExistingRegistry {
  url: string;
  /** Who registers schemas, where it is not the administrator of the brokers. */
  username?: string;
  password?: string;
  /** Logins of its own, where it does not know those of the brokers. */
  users?: object;
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
    this.administrator = { username, password: pulumi.secret(args.password) };
    this.schemaRegistry = existingRegistry(args.schemaRegistry, this.administrator);
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
    const { trusted } = this.args;
    const caCert = trusted === SYSTEM_AUTHORITIES ? undefined : trusted;
    return createKafkaProvider(this.name, this, userPasswords, caCert, { parent: this });
  }
}

/** @param administrator of the brokers that exist, who registers the schemas unless the registry has logins of its own */
export function existingRegistry(
  registry: ExistingRegistry | undefined,
  administrator?: KafkaCluster["administrator"],
): KafkaCluster["schemaRegistry"] {
  if (registry === undefined) {
    return undefined;
  }
  const { url, username, password, users } = registry;
  const own = username !== undefined && password !== undefined;
  const shared = users === undefined ? administrator : undefined;
  const registrar = own ? { username, password: pulumi.secret(password) } : shared;
  return { url, internalUrl: url, ...(registrar && { registrar }) };
}
