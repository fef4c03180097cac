import * as kafka from "@pulumi/kafka";
import * as pulumi from "@pulumi/pulumi";

import {
  containerName,
  createContainer,
  createVolume,
  type PlatformSettings,
} from "../platform/container";
import { createPassword } from "../platform/password";
import type { ServerCertificates } from "../platform/platform-certificates";
import { tlsUploads } from "../platform/tls-files";
import {
  bootstrapYaml,
  BROKER_PORTS,
  brokerHealthTest,
  KAFKA_ADMIN,
  redpandaYaml,
  SCRAM_MECHANISM,
  STARTED_FILE,
} from "./redpanda-config";

/** One broker, which keeps one copy of each record. */
export const BROKERS = 1;

const HOST = "localhost";
const DATA = "/var/lib/redpanda/data";
const NODE_FILE = "/etc/platform/redpanda.yaml";
const BOOTSTRAP_USER_FILE = "/etc/platform/bootstrap-user";

/**
 * rpk writes its mode into redpanda.yaml and gives the new file the owner of the old one, which only root can
 * where that is root's, as uploads are (redpanda v26.2, src/go/rpk/pkg/osutil/file.go): it gets a copy of
 * its own. A copy of an earlier start may be read-only, hence -f.
 *
 * The broker takes its first user from its environment alone (src/v/cluster/controller.cc,
 * cluster_creation_hook), and ignores that on a volume with a cluster. A file keeps the password out of the
 * container's description; once the broker has been healthy, it stays out of the environment too.
 */
const START = `cp -f ${NODE_FILE} /etc/redpanda/redpanda.yaml || exit
[ -e ${DATA}/${STARTED_FILE} ] || export RP_BOOTSTRAP_USER="$(cat ${BOOTSTRAP_USER_FILE})"
exec rpk redpanda start "$@"`;

/** What is left of the container's memory to everything but the broker's own arena. */
const SYSTEM_MEMORY_MB = 256;

export interface RedpandaBrokerArgs {
  platform: PlatformSettings;
  image: string;
  memoryMb: number;
  /** Ports of the host. */
  ports: { kafka: number; schemaRegistry: number; admin: number };
  /** Without them, all connections are in clear. */
  tls?: ServerCertificates;
}

/**
 * One Redpanda broker that asks for SCRAM on every Kafka listener from its first start, with its
 * schema registry, and a provider that acts as its administrator.
 * For development and tests: a single broker keeps one copy of each record.
 */
export class RedpandaBroker extends pulumi.ComponentResource {
  public readonly containerName: string;
  /** Brokers as a client on the host names them. */
  public readonly bootstrapServers: string;
  /** Brokers as a container on the platform's network names them. */
  public readonly internalBootstrapServers: string;
  public readonly schemaRegistryUrl: string;
  public readonly internalSchemaRegistryUrl: string;
  public readonly adminUrl: string;
  public readonly adminUsername = KAFKA_ADMIN;
  /** Password of the administrator; secret. */
  public readonly adminPassword: pulumi.Output<string>;
  /** PEM of the authorities that clients are to trust; undefined where connections are in clear. */
  public readonly trusted?: pulumi.Output<string>;
  /** Deleted with the broker's data. */
  public readonly data: pulumi.Resource;
  /** Settles when the broker is healthy. */
  public readonly ready: pulumi.Resource;

  constructor(
    private readonly name: string,
    args: RedpandaBrokerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("learning-platform:redpanda:RedpandaBroker", name, {}, opts);
    const { platform, memoryMb, ports, tls } = args;
    const role = "redpanda";
    const hostname = containerName(platform, role);
    const bootstrapServers = `${HOST}:${ports.kafka}`;
    const scheme = tls ? "https" : "http";
    const child = { parent: this };

    const adminPassword = createPassword(name, child);
    const volume = createVolume(`${name}-data`, platform, role, child);
    this.ready = createBroker();
    this.containerName = hostname;
    this.bootstrapServers = bootstrapServers;
    this.internalBootstrapServers = `${hostname}:${BROKER_PORTS.internal}`;
    this.schemaRegistryUrl = `${scheme}://${HOST}:${ports.schemaRegistry}`;
    this.internalSchemaRegistryUrl = `${scheme}://${hostname}:${BROKER_PORTS.schemaRegistry}`;
    this.adminUrl = `${scheme}://${HOST}:${ports.admin}`;
    this.adminPassword = adminPassword;
    this.trusted = tls?.trusted;
    this.data = volume;
    this.registerOutputs({
      containerName: this.containerName,
      bootstrapServers: this.bootstrapServers,
      schemaRegistryUrl: this.schemaRegistryUrl,
      adminUrl: this.adminUrl,
      adminUsername: this.adminUsername,
      adminPassword: this.adminPassword,
    });

    function createBroker() {
      const readable = { permissions: "0444" };
      return createContainer(
        name,
        {
          platform,
          role,
          image: args.image,
          memoryMb,
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
            // The mode would acknowledge records that are not on disk yet, whatever .bootstrap.yaml says;
            // the flag wins over the mode (src/go/rpk/pkg/cli/redpanda/start.go, setContainerModeFlags).
            "--unsafe-bypass-fsync=false",
          ],
          // The broker starts as its own user: what it reads cannot be root's alone.
          uploads: [
            {
              file: NODE_FILE,
              content: redpandaYaml({
                hostname,
                externalHost: HOST,
                externalPort: ports.kafka,
                tls: tls !== undefined,
              }),
              ...readable,
            },
            { file: "/etc/redpanda/.bootstrap.yaml", content: bootstrapYaml(), ...readable },
            {
              file: BOOTSTRAP_USER_FILE,
              content: pulumi.secret(
                pulumi.interpolate`${KAFKA_ADMIN}:${adminPassword}:${SCRAM_MECHANISM}`,
              ),
              ...readable,
            },
            ...tlsUploads(tls, "0444"),
          ],
          volume: { name: volume.name, path: DATA },
          healthTest: brokerHealthTest(tls !== undefined, `${DATA}/${STARTED_FILE}`),
        },
        child,
      );
    }
  }

  /**
   * A provider that acts on the broker as its administrator, once it is healthy.
   * @param userPasswords of the users that it will make. The plugin (3.13.2) panics in a preview on a user
   * whose password is not known yet, as after a first run that was cut off; while its own login is not
   * known either, the engine does not ask it.
   */
  public createProvider(userPasswords: pulumi.Output<string>[]): kafka.Provider {
    return new kafka.Provider(
      `${this.name}-provider`,
      {
        bootstrapServers: [this.bootstrapServers],
        saslUsername: KAFKA_ADMIN,
        saslPassword: pulumi.all([this.adminPassword, ...userPasswords]).apply(([first]) => first),
        // Left out, these are "plain" and true: the provider would wait for two minutes in vain.
        saslMechanism: "scram-sha256",
        tlsEnabled: this.trusted !== undefined,
        caCert: this.trusted,
      },
      { parent: this, dependsOn: this.ready },
    );
  }
}
