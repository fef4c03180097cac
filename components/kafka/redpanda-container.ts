import type * as kafka from "@pulumi/kafka";
import * as pulumi from "@pulumi/pulumi";

import {
  containerName,
  type ContainerPlace,
  createContainer,
  createVolume,
  type ServiceContainerArgs,
} from "../platform/container";
import { createPassword } from "../platform/password";
import type { ServerCertificates } from "../platform/platform-certificates";
import { tlsUploads } from "../platform/tls-files";
import { existingRegistry } from "./existing-kafka";
import type { KafkaCapabilities, KafkaCluster } from "./kafka-cluster";
import { createKafkaProvider } from "./kafka-provider";
import {
  bootstrapYaml,
  BROKER_PORTS,
  brokerProbe,
  KAFKA_ADMIN,
  redpandaYaml,
  SCRAM_MECHANISM,
  STARTED_FILE,
} from "./redpanda-config";

/** One broker, which keeps one copy of each record. */
export const BROKERS = 1;

const DATA = "/var/lib/redpanda/data";
const NODE_FILE = "/etc/platform/redpanda.yaml";
const BOOTSTRAP_USER_FILE = "/etc/platform/bootstrap-user";

/**
 * rpk writes its mode into redpanda.yaml and gives the new file the owner of the old one. Uploaded files belong to
 * root, and only root could do that (redpanda v26.2, src/go/rpk/pkg/osutil/file.go), so rpk gets a copy of its own.
 * A copy of an earlier start may be read-only, hence -f.
 *
 * The broker takes its first user from its environment alone (src/v/cluster/controller.cc,
 * cluster_creation_hook), and ignores that on a volume with a cluster. A file keeps the password out of the
 * container's description; once the broker has been healthy, it stays out of the environment too.
 */
const START = `cp -f ${NODE_FILE} /etc/redpanda/redpanda.yaml || exit
[ -e ${DATA}/${STARTED_FILE} ] || export RP_BOOTSTRAP_USER="$(cat ${BOOTSTRAP_USER_FILE})"
exec rpk redpanda start "$@"`;

/** Memory that the container has besides the broker's own arena. */
const SYSTEM_MEMORY_MB = 256;

export interface RedpandaContainerArgs extends ContainerPlace {
  /** Ports of the host. */
  ports: { kafka: number; schemaRegistry: number; admin: number };
  /** Without them, no connection is encrypted. */
  tls?: ServerCertificates;
  /** A schema registry that services use in place of the broker's own. */
  existingRegistryUrl?: string;
}

/**
 * One Redpanda broker in a container, with its schema registry. Every Kafka listener asks for SCRAM from the first
 * start on. For development and tests: a single broker keeps one copy of each record.
 */
export class RedpandaContainer extends pulumi.ComponentResource implements KafkaCluster {
  public readonly containerName: string;
  public readonly bootstrapServers: string;
  public readonly internalBootstrapServers: string;
  public readonly schemaRegistry: NonNullable<KafkaCluster["schemaRegistry"]>;
  public readonly adminUrl: string;
  public readonly administrator: KafkaCluster["administrator"];
  public readonly trusted?: pulumi.Output<string>;
  public readonly ready: pulumi.Resource;
  public readonly lifetime: pulumi.Resource;
  public readonly capabilities: KafkaCapabilities = {
    saslMechanism: SCRAM_MECHANISM,
    superuser: true,
    replicationFactor: BROKERS,
    fixedTopicSettings: [],
  };

  constructor(
    private readonly name: string,
    args: RedpandaContainerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("learning-platform:redpanda:RedpandaBroker", name, {}, opts);
    const { platform, role, ports, tls } = args;
    const { host } = platform;
    const hostname = containerName(platform, role);
    const scheme = tls ? "https" : "http";
    const child = { parent: this };
    const password = createPassword(name, child);
    const volume = createVolume(`${name}-data`, platform, role, child);

    this.containerName = hostname;
    this.bootstrapServers = `${host}:${ports.kafka}`;
    this.internalBootstrapServers = `${hostname}:${BROKER_PORTS.internal}`;
    this.schemaRegistry = existingRegistry(args.existingRegistryUrl) ?? {
      url: `${scheme}://${host}:${ports.schemaRegistry}`,
      internalUrl: `${scheme}://${hostname}:${BROKER_PORTS.schemaRegistry}`,
    };
    this.adminUrl = `${scheme}://${host}:${ports.admin}`;
    this.administrator = { username: KAFKA_ADMIN, password };
    this.trusted = tls?.trusted;
    this.lifetime = volume;
    this.ready = createContainer(name, brokerContainer(args, password, volume.name), child);
    this.registerOutputs({
      containerName: this.containerName,
      bootstrapServers: this.bootstrapServers,
      schemaRegistryUrl: this.schemaRegistry.url,
      adminUrl: this.adminUrl,
      adminUsername: KAFKA_ADMIN,
      adminPassword: password,
    });
  }

  public createProvider(userPasswords: pulumi.Output<string>[]): kafka.Provider {
    return createKafkaProvider(this.name, this, userPasswords, this.trusted, { parent: this });
  }
}

function brokerContainer(
  args: RedpandaContainerArgs,
  adminPassword: pulumi.Output<string>,
  volumeName: pulumi.Output<string>,
): ServiceContainerArgs {
  const { platform, role, memoryMb, ports, tls } = args;
  const isEncrypted = tls !== undefined;
  const nodeFile = redpandaYaml({
    hostname: containerName(platform, role),
    externalHost: platform.host,
    externalPort: ports.kafka,
    tls: isEncrypted,
  });
  const bootstrapUser = pulumi.secret(
    pulumi.interpolate`${KAFKA_ADMIN}:${adminPassword}:${SCRAM_MECHANISM}`,
  );
  // The broker starts as its own user, which must be able to read its files.
  const permissions = "0444";
  return {
    ...args,
    ports: [
      { internal: BROKER_PORTS.external, external: ports.kafka },
      { internal: BROKER_PORTS.schemaRegistry, external: ports.schemaRegistry },
      { internal: BROKER_PORTS.admin, external: ports.admin },
    ],
    entrypoints: ["/bin/bash", "-c", START, "--"],
    command: [
      "--mode",
      "dev-container",
      "--smp",
      "1",
      "--memory",
      `${memoryMb - SYSTEM_MEMORY_MB}M`,
      // By itself the mode acknowledges records that are not on disk yet, whatever .bootstrap.yaml says.
      // The flag overrides the mode (src/go/rpk/pkg/cli/redpanda/start.go, setContainerModeFlags).
      `--unsafe-bypass-fsync=${!platform.fsync}`,
    ],
    uploads: [
      { file: NODE_FILE, content: nodeFile, permissions },
      { file: "/etc/redpanda/.bootstrap.yaml", content: bootstrapYaml(), permissions },
      { file: BOOTSTRAP_USER_FILE, content: bootstrapUser, permissions },
      ...tlsUploads(tls, permissions),
    ],
    volume: { name: volumeName, path: DATA },
    probe: brokerProbe(isEncrypted, `${DATA}/${STARTED_FILE}`),
  };
}
