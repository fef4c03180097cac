import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";

import {
  initdbArguments,
  type PostgresMajor,
  postgresVolumeRole,
} from "../../catalog/postgres-majors";
import { REPLICATOR_ROLE } from "../../catalog/replication";
import { ARCHIVE_HOME, DATA_HOME } from "../../catalog/wal-archive";
import {
  containerName,
  type ContainerPlace,
  createContainer,
  createVolume,
  type ServiceContainerArgs,
} from "../platform/container";
import { createPassword } from "../platform/password";
import type { ServerCertificates } from "../platform/platform-certificates";
import { TLS_FILES, tlsUploads } from "../platform/tls-files";
import { type DatabaseLogins, pgHba } from "./pg-hba";
import type { PostgresServer } from "./postgres-server";
import {
  OWN_DATABASES,
  postgresCommand,
  postgresSettings,
  providerConnections,
} from "./postgres-settings";
import { ARCHIVE_SCRIPT, archiveFile } from "./wal-archive/settings";

/** Port in the container. */
export const POSTGRES_PORT = 5432;
export const SUPERUSER = "postgres";
const PASSWORD_FILE = "/etc/platform/postgres-password";
export const HBA_FILE = "/etc/platform/pg_hba.conf";

export interface PostgresContainerArgs extends ContainerPlace {
  /** Major version of the image. The data of each is on a volume of its own. */
  major: PostgresMajor;
  /** Port of the host. */
  port: number;
  /** Most connections that all roles together may hold; more are reserved for administrators. */
  roleConnections: number;
  /** Roles that log in besides the superuser, and to which database. */
  logins: readonly DatabaseLogins[];
  /** The same of roles that the provider creates for nobody's database. */
  otherLogins?: readonly DatabaseLogins[];
  /** Whether replicas may connect. @default false */
  replicates?: boolean;
  /** The host's own addresses on the platform's network. */
  hostAddresses: pulumi.Input<string[]>;
  /** Without them, connections are not encrypted. */
  tls?: ServerCertificates & {
    /** File of the authorities to trust, on the machine that the program runs on. */
    trustedFile: pulumi.Input<string>;
  };
  /** Without it, WAL is not archived. */
  archive?: {
    /** Volume that the server shares with the container of the archive. */
    volumeName: pulumi.Input<string>;
    /** Most WAL in MiB that waits for the archive. Beyond that, the oldest is given up. */
    queueMb: number;
  };
}

/** A PostgreSQL server in a container. The stack generates the superuser's password. */
export class PostgresContainer extends pulumi.ComponentResource implements PostgresServer {
  public readonly host: string;
  public readonly port: number;
  public readonly direct: PostgresServer["direct"];
  public readonly containerName: string;
  public readonly internalPort = POSTGRES_PORT;
  public readonly administrator: PostgresServer["administrator"];
  public readonly trusted?: pulumi.Output<string>;
  public readonly ready: pulumi.Resource;
  public readonly lifetime: pulumi.Resource;
  public readonly provider: postgresql.Provider;
  /** Name of the volume of its data. */
  public readonly volumeName: pulumi.Output<string>;
  /** Path of its pg_hba.conf. */
  public readonly hbaFile = HBA_FILE;
  public readonly capabilities = { extensions: "all" } as const;

  constructor(
    private readonly name: string,
    private readonly args: PostgresContainerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("learning-platform:postgres:PostgresServer", name, {}, opts);
    const { platform, role } = args;
    const child = { parent: this };
    const password = createPassword(name, child);
    const volume = createVolume(`${name}-data`, platform, postgresVolumeRole(args.major), child);

    this.host = platform.host;
    this.port = args.port;
    this.direct = { host: this.host, port: this.port };
    this.containerName = containerName(platform, role);
    this.administrator = { username: SUPERUSER, password };
    this.trusted = args.tls?.trusted;
    this.lifetime = volume;
    this.volumeName = volume.name;
    this.ready = createContainer(name, serverContainer(args, password, volume.name), child);
    this.provider = this.createProvider();
    this.closeOwnDatabases();
    this.registerOutputs({
      host: this.host,
      port: this.port,
      containerName: this.containerName,
      username: SUPERUSER,
      password,
    });
  }

  private createProvider(): postgresql.Provider {
    const { tls, logins } = this.args;
    return new postgresql.Provider(
      `${this.name}-provider`,
      {
        host: this.host,
        port: this.port,
        username: this.administrator.username,
        password: this.administrator.password,
        ...(tls
          ? { sslmode: "verify-full", sslrootcert: tls.trustedFile }
          : { sslmode: "disable" }),
        superuser: true,
        expectedVersion: "16.0.0",
        // A pool for each database.
        maxConnections: providerConnections(logins.length),
        connectTimeout: 15,
      },
      // It connects when the first resource needs it, so its plugin may start before the server.
      { parent: this },
    );
  }

  private closeOwnDatabases(): void {
    for (const database of OWN_DATABASES) {
      new postgresql.Grant(
        `${this.name}-public-${database}`,
        { database, role: "public", objectType: "database", privileges: [] },
        {
          ...{ parent: this, provider: this.provider },
          ...{ dependsOn: this.ready, deletedWith: this.lifetime },
        },
      );
    }
  }
}

function serverContainer(
  args: PostgresContainerArgs,
  password: pulumi.Output<string>,
  volumeName: pulumi.Output<string>,
): ServiceContainerArgs {
  const { platform, tls, archive } = args;
  // The server requires a key that only its own user can read, and uploaded files belong to root, as a new volume does.
  const owned = [...(tls ? [TLS_FILES.privateKey] : []), ...(archive ? [ARCHIVE_HOME] : [])];
  return {
    ...args,
    ports: [{ internal: POSTGRES_PORT, external: args.port }],
    envs: [
      `POSTGRES_PASSWORD_FILE=${PASSWORD_FILE}`,
      // Images from 18 on have it elsewhere, and a volume of their own above it (docker-library/postgres 6edb0a8,
      // 18/alpine3.23/Dockerfile; its entrypoint looks for older data only where PGDATA is not set).
      `PGDATA=${DATA_HOME}`,
      `POSTGRES_INITDB_ARGS=${initdbArguments(platform.fsync)}`,
    ],
    uploads: [
      // Read by root before the entrypoint becomes postgres.
      { file: PASSWORD_FILE, content: password, permissions: "0400" },
      { file: HBA_FILE, content: hbaContent(args), permissions: "0444" },
      ...tlsUploads(tls, "0400"),
      ...(archive
        ? [{ file: ARCHIVE_SCRIPT, content: archiveFile("archive-wal.sh"), permissions: "0444" }]
        : []),
    ],
    volume: { name: volumeName, path: DATA_HOME },
    mounts: archive && [{ name: archive.volumeName, path: ARCHIVE_HOME }],
    entrypoints:
      owned.length > 0
        ? [
            "/bin/sh",
            "-c",
            `chown postgres ${owned.join(" ")} && exec docker-entrypoint.sh "$@"`,
            "--",
          ]
        : undefined,
    command: postgresCommand(serverSettings(args)),
    // While the server only initialises, it listens on its socket alone. A probe of the socket would
    // report it as healthy seconds too early.
    probe: ["pg_isready", "-q", "-h", "127.0.0.1", "-U", SUPERUSER],
    // Fast shutdown. With SIGTERM the server would wait until every client has left.
    stopSignal: "SIGINT",
    stopGraceSeconds: 60,
  };
}

const hbaContent = ({
  hostAddresses,
  tls,
  logins,
  otherLogins = [],
  replicates,
}: PostgresContainerArgs) =>
  pulumi.output(hostAddresses).apply((addresses) =>
    pgHba({
      superuser: SUPERUSER,
      hostAddresses: addresses,
      tls: tls !== undefined,
      logins: [...logins, ...otherLogins],
      ...(replicates ? { replicator: REPLICATOR_ROLE } : {}),
    }),
  );

/** The settings of a primary and of its replicas: a replica must not allow fewer connections. */
export const serverSettings = (
  args: Pick<
    PostgresContainerArgs,
    "memoryMb" | "roleConnections" | "logins" | "replicates" | "archive" | "platform"
  > & { tls?: ServerCertificates },
) =>
  postgresSettings({
    memoryMb: args.memoryMb,
    roleConnections: args.roleConnections,
    databases: args.logins.length,
    hbaFile: HBA_FILE,
    replicates: args.replicates,
    tls: args.tls !== undefined,
    fsync: args.platform.fsync,
    archiveQueueMb: args.archive?.queueMb,
  });
