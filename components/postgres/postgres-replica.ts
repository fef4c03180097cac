import * as pulumi from "@pulumi/pulumi";

import { COPY_FOLDER, REPLICA_VOLUME, slotOf } from "../../catalog/replication";
import { containerName, createContainer, createVolume } from "../platform/container";
import type { ServerCertificates } from "../platform/platform-certificates";
import type { Server } from "../platform/server";
import { TLS_FILES, tlsUploads } from "../platform/tls-files";
import { type DatabaseLogins, pgHba } from "./pg-hba";
import {
  HBA_FILE,
  POSTGRES_PORT,
  type PostgresContainer,
  type PostgresContainerArgs,
  serverSettings,
  SUPERUSER,
} from "./postgres-container";
import type { PostgresReplicator } from "./postgres-replicator";
import { postgresCommand } from "./postgres-settings";
import { REPLICA_SCRIPT } from "./replica-script";
import { ReplicaSlot } from "./replica-slot";

const PASSWORD_FILE = "/etc/platform/replicator.pgpass";

export interface PostgresReplicaArgs extends Omit<
  PostgresContainerArgs,
  "major" | "logins" | "otherLogins" | "replicates" | "archive" | "tls"
> {
  primary: PostgresContainer;
  replicator: PostgresReplicator;
  /** Roles that read, and from which database. No other role but the superuser may log in. */
  readers: readonly DatabaseLogins[];
  /** Without them, connections are not encrypted. */
  tls?: ServerCertificates;
}

/**
 * A copy of a PostgreSQL server in a container, which follows it and answers readers. It has no data of its own: without
 * its volume it makes a new copy.
 */
export class PostgresReplica
  extends pulumi.ComponentResource
  implements Pick<Server, "containerName" | "internalPort">
{
  public readonly host: string;
  public readonly port: number;
  public readonly containerName: string;
  public readonly internalPort = POSTGRES_PORT;

  constructor(name: string, args: PostgresReplicaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:postgres:PostgresReplica", name, {}, opts);
    const { platform, role, primary, replicator } = args;
    const child = { parent: this };
    this.host = platform.host;
    this.port = args.port;
    this.containerName = containerName(platform, role);
    const { username: adminUsername, password: adminPassword } = primary.administrator;
    const slot = new ReplicaSlot(
      `${name}-slot`,
      {
        ...{ ...primary.direct, adminUsername, adminPassword, trusted: primary.trusted },
        ...{ replica: role, slot: slotOf(role) },
      },
      { ...child, dependsOn: primary.ready, deletedWith: primary.lifetime },
    );
    const volume = createVolume(`${name}-data`, platform, role, child);
    createContainer(
      name,
      {
        ...args,
        ports: [{ internal: POSTGRES_PORT, external: args.port }],
        envs: environment(args),
        uploads: [
          {
            file: PASSWORD_FILE,
            content: pulumi.secret(
              replicator.password.apply((text) => `*:*:*:${replicator.username}:${text}\n`),
            ),
            permissions: "0400",
          },
          { file: HBA_FILE, content: hbaContent(args), permissions: "0444" },
          ...tlsUploads(args.tls, "0400"),
        ],
        volume: { name: volume.name, path: REPLICA_VOLUME },
        entrypoints: ["/bin/sh", "-c", REPLICA_SCRIPT, "--"],
        command: replicaCommand(args),
        probe: ["pg_isready", "-q", "-h", "127.0.0.1", "-U", SUPERUSER],
        stopSignal: "SIGINT",
        stopGraceSeconds: 60,
      },
      { ...child, dependsOn: [slot, replicator.made] },
    );
    this.registerOutputs({
      host: this.host,
      port: this.port,
      containerName: this.containerName,
    });
  }
}

/** How the replica connects to the primary; the password is in the file. */
const primaryAddress = ({ primary, replicator, role, tls }: PostgresReplicaArgs) =>
  [
    `host=${primary.containerName}`,
    `port=${primary.internalPort}`,
    `user=${replicator.username}`,
    `passfile=${PASSWORD_FILE}`,
    `application_name=${role}`,
    "connect_timeout=5",
    ...(tls ? ["sslmode=verify-full", `sslrootcert=${TLS_FILES.trusted}`] : ["sslmode=disable"]),
  ].join(" ");

const environment = (args: PostgresReplicaArgs): string[] => [
  `PGDATA=${REPLICA_VOLUME}/${COPY_FOLDER}`,
  `REPLICA_PRIMARY=${primaryAddress(args)}`,
  `REPLICA_SLOT=${slotOf(args.role)}`,
  `REPLICA_SYNC=${args.platform.fsync ? "" : "--no-sync"}`,
  `REPLICA_OWN=${[PASSWORD_FILE, ...(args.tls ? [TLS_FILES.privateKey] : [])].join(" ")}`,
];

const replicaCommand = (args: PostgresReplicaArgs): string[] =>
  postgresCommand({
    ...serverSettings({ ...args, logins: args.readers, replicates: true }),
    primary_conninfo: primaryAddress(args),
    primary_slot_name: slotOf(args.role),
    // A vacuum of the primary would else end queries of readers. They end after a minute by themselves (TIMEOUTS), so that
    // the primary keeps dead rows no longer than that.
    hot_standby_feedback: "on",
  });

const hbaContent = ({ hostAddresses, tls, readers }: PostgresReplicaArgs) =>
  pulumi.output(hostAddresses).apply((addresses) =>
    pgHba({
      superuser: SUPERUSER,
      hostAddresses: addresses,
      tls: tls !== undefined,
      logins: readers,
    }),
  );
