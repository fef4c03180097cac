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
import { type ExistingRegistry, existingRegistry } from "./existing-kafka";
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

const DATA = "/var/lib/redpanda/data";
const NODE_FILE = "/etc/platform/redpanda.yaml";
const BOOTSTRAP_USER_FILE = "/etc/platform/bootstrap-user";

/**
 * rpk writes its mode into redpanda.yaml and gives the new file the owner of the old one. Uploaded files belong to
 * root, and only root could do that (redpanda v26.2, src/go/rpk/pkg/osutil/file.go), so rpk gets a copy of its own.
 * A copy of an earlier start may be read-only, hence -f.
 *
 * The broker takes its first user from its environment alone (src/v/cluster/controller.cc,
 * cluster_creation_hook), and ignores that on a volume with a cluster. Of several brokers that found a cluster, the one
 * that is elected creates the user, whichever that is (create_cluster): so each has it. A file keeps the password out of the
 * container's description; once the broker has been healthy, it stays out of the environment too.
 */
const START = `cp -f ${NODE_FILE} /etc/redpanda/redpanda.yaml || exit
[ -e ${DATA}/${STARTED_FILE} ] || export RP_BOOTSTRAP_USER="$(cat ${BOOTSTRAP_USER_FILE})"
exec rpk redpanda start "$@"`;

/** Memory that the container has besides the broker's own arena. */
const SYSTEM_MEMORY_MB = 256;

/** One broker. */
export interface BrokerPlace extends ContainerPlace {
  /** Port of the host for its Kafka API. */
  kafkaPort: number;
  /** Without them, no connection is encrypted. */
  tls?: ServerCertificates;
}

export interface RedpandaContainerArgs extends BrokerPlace {
  /** Ports of the host for the first broker's other APIs. */
  ports: { schemaRegistry: number; admin: number };
  /** Further brokers of the same cluster. */
  others?: readonly BrokerPlace[];
  /** A schema registry that services use in place of the broker's own. */
  existingRegistry?: ExistingRegistry;
}

/**
 * Redpanda in containers: one broker, which keeps one copy of each record, or several, each of which keeps one. The first
 * one has the schema registry. Every Kafka listener asks for SCRAM from the first start on.
 */
export class RedpandaContainer extends pulumi.ComponentResource implements KafkaCluster {
  public readonly containerName: string;
  public readonly bootstrapServers: string;
  public readonly internalBootstrapServers: string;
  public readonly schemaRegistry: NonNullable<KafkaCluster["schemaRegistry"]>;
  public readonly adminUrl: string;
  public readonly administrator: KafkaCluster["administrator"];
  public readonly trusted?: pulumi.Output<string>;
  public readonly brokerNames: readonly string[];
  public readonly ready: pulumi.Resource | pulumi.Resource[];
  public readonly lifetime: pulumi.Resource;
  public readonly capabilities: KafkaCapabilities;

  constructor(
    private readonly name: string,
    args: RedpandaContainerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("learning-platform:redpanda:RedpandaBroker", name, {}, opts);
    const { platform, role, ports, tls, others = [] } = args;
    const { host } = platform;
    const hostname = containerName(platform, role);
    const scheme = tls ? "https" : "http";
    const child = { parent: this };
    const password = createPassword(name, child);
    const brokers: BrokerPlace[] = [args, ...others];

    this.containerName = hostname;
    this.brokerNames = brokers.map((broker) => containerName(platform, broker.role));
    this.bootstrapServers = brokers.map(({ kafkaPort }) => `${host}:${kafkaPort}`).join(",");
    this.internalBootstrapServers = this.brokerNames
      .map((broker) => `${broker}:${BROKER_PORTS.internal}`)
      .join(",");
    this.capabilities = {
      saslMechanism: SCRAM_MECHANISM,
      superuser: true,
      replicationFactor: brokers.length,
      fixedTopicSettings: [],
      ...(others.length > 0 ? { raisesCopies: true } : {}),
    };
    this.adminUrl = `${scheme}://${host}:${ports.admin}`;
    this.administrator = { username: KAFKA_ADMIN, password };
    this.schemaRegistry = existingRegistry(args.existingRegistry) ?? {
      url: `${scheme}://${host}:${ports.schemaRegistry}`,
      internalUrl: `${scheme}://${hostname}:${BROKER_PORTS.schemaRegistry}`,
      registrar: this.administrator,
    };
    this.trusted = tls?.trusted;
    // None depends on another one: they become ready together.
    const [volumes, containers] = unzip(
      brokers.map((broker, index) => {
        const resource = index === 0 ? name : `${name}-${index + 1}`;
        const volume = createVolume(`${resource}-data`, platform, broker.role, child);
        const cluster = others.length > 0 ? this.brokerNames : undefined;
        const published = index === 0 ? ports : undefined;
        const made = brokerContainer({ ...broker, published, cluster }, password, volume.name);
        return [volume, createContainer(resource, made, child)] as const;
      }),
    );
    this.lifetime = volumes[0];
    this.ready = others.length > 0 ? containers : containers[0];
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

const unzip = <A, B>(pairs: readonly (readonly [A, B])[]): [A[], B[]] => [
  pairs.map(([first]) => first),
  pairs.map(([, second]) => second),
];

interface BrokerContainer extends BrokerPlace {
  /** Ports of the host for the schema registry, which only then runs, and for the admin API. */
  published?: RedpandaContainerArgs["ports"];
  cluster?: readonly string[];
}

function brokerContainer(
  args: BrokerContainer,
  adminPassword: pulumi.Output<string>,
  volumeName: pulumi.Output<string>,
): ServiceContainerArgs {
  const { platform, role, memoryMb, kafkaPort, published, cluster, tls } = args;
  const isEncrypted = tls !== undefined;
  const registry = published !== undefined;
  const nodeFile = redpandaYaml({
    hostname: containerName(platform, role),
    externalHost: platform.host,
    externalPort: kafkaPort,
    tls: isEncrypted,
    cluster,
    registry,
  });
  const bootstrapUser = pulumi.secret(
    pulumi.interpolate`${KAFKA_ADMIN}:${adminPassword}:${SCRAM_MECHANISM}`,
  );
  // The broker starts as its own user, which must be able to read its files.
  const permissions = "0444";
  return {
    ...args,
    ports: [
      { internal: BROKER_PORTS.external, external: kafkaPort },
      ...(published === undefined
        ? []
        : [
            { internal: BROKER_PORTS.schemaRegistry, external: published.schemaRegistry },
            { internal: BROKER_PORTS.admin, external: published.admin },
          ]),
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
      {
        file: "/etc/redpanda/.bootstrap.yaml",
        content: bootstrapYaml(cluster?.length ?? 1),
        permissions,
      },
      { file: BOOTSTRAP_USER_FILE, content: bootstrapUser, permissions },
      ...tlsUploads(tls, permissions),
    ],
    volume: { name: volumeName, path: DATA },
    probe: brokerProbe(isEncrypted, registry, `${DATA}/${STARTED_FILE}`),
  };
}
