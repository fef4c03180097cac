import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";

import {
  ARCHIVE_AGENT,
  ARCHIVE_HOME,
  BACKUP_CONNECTIONS,
  BACKUP_DATABASE,
  BACKUP_FUNCTIONS,
  BACKUP_MEMBERSHIPS,
  BACKUP_ROLE,
  DATA_HOME,
} from "../../../catalog/wal-archive";
import { type ContainerPlace, createContainer } from "../../platform/container";
import { createPassword } from "../../platform/password";
import { TLS_FILES, trustedUpload } from "../../platform/tls-files";
import type { PostgresContainer } from "../postgres-container";
import { archiveFile, archiveProbe, credentialsFile } from "./settings";

const PASSWORD_FILE = "/etc/platform/pgpass";
const CREDENTIALS_FILE = "/etc/platform/s3-credentials";

export interface WalArchiverArgs extends ContainerPlace {
  /** s3://bucket/prefix */
  destination: string;
  /** URL of the S3 server, where it is not Amazon's. */
  endpoint?: string;
  region: string;
  accessKeyId: string;
  /** Secret. */
  secretAccessKey: pulumi.Input<string>;
  /** Hours from one base backup to the next. */
  everyHours: number;
  /** Days back to which the data can be recovered. */
  keepDays: number;
  /** Folder of the archive below the destination. */
  folder: string;
  server: PostgresContainer;
  /** Volume that both containers share. */
  volumeName: pulumi.Input<string>;
  /** PEM of the authorities to trust; undefined if the connection is not encrypted. */
  trusted?: pulumi.Output<string>;
}

/**
 * Archives the WAL of the server in a container on S3, and makes its base backups, by barman-cloud. The official image
 * of PostgreSQL has neither Python nor a client of S3, so that this container sends what the server asks for.
 *
 * It reads the data as files, and not by streaming replication: barman-cloud-backup needs the files of the data in any
 * case, and pg_receivewal would need a role that reads every row of every database.
 */
export class WalArchiver extends pulumi.ComponentResource {
  constructor(name: string, args: WalArchiverArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:postgres:WalArchiver", name, {}, opts);
    const { server, trusted } = args;
    const password = createPassword(name, { parent: this });
    const made = createRole(this, name, args, password);
    createContainer(
      name,
      {
        ...args,
        ports: [],
        // It becomes the user that owns the data (agent.py), whose number depends on PostgreSQL's image.
        startAs: "0",
        envs: [
          `AWS_SHARED_CREDENTIALS_FILE=${CREDENTIALS_FILE}`,
          `AWS_DEFAULT_REGION=${args.region}`,
          "AWS_EC2_METADATA_DISABLED=true",
          // From 1.36 on, boto3 sends checksums by default that not every S3 server knows.
          "AWS_REQUEST_CHECKSUM_CALCULATION=when_required",
          "AWS_RESPONSE_CHECKSUM_VALIDATION=when_required",
          `PGPASSFILE=${PASSWORD_FILE}`,
          ...(trusted === undefined
            ? ["PGSSLMODE=disable"]
            : ["PGSSLMODE=verify-full", `PGSSLROOTCERT=${TLS_FILES.trusted}`]),
        ],
        uploads: [
          { file: ARCHIVE_AGENT, content: archiveFile("agent.py"), permissions: "0444" },
          {
            file: "/etc/platform/restore-wal.sh",
            content: archiveFile("restore-wal.sh"),
            permissions: "0444",
          },
          {
            file: "/etc/platform/wal-archive.json",
            content: settingsFile(args),
            permissions: "0444",
          },
          {
            file: CREDENTIALS_FILE,
            content: pulumi
              .secret(args.secretAccessKey)
              .apply((secret) => credentialsFile(args.accessKeyId, secret)),
            permissions: "0400",
          },
          {
            file: PASSWORD_FILE,
            content: pulumi.secret(pulumi.interpolate`*:*:*:${BACKUP_ROLE}:${password}\n`),
            permissions: "0400",
          },
          // barman-cloud-backup adds the server's file to the backup (barman/cloud.py, _backup_config_files) by the path that
          // the server has for it. The stack writes that file anew for every container. Its mode goes into the backup: a
          // recovered folder has the file, so that its next backup has two of that name, and the restore of that one writes
          // over the first.
          {
            file: server.hbaFile,
            content: "# The stack writes this file.\n",
            permissions: "0644",
          },
          ...trustedUpload(trusted),
        ],
        mounts: [
          { name: server.volumeName, path: DATA_HOME, readOnly: true },
          { name: args.volumeName, path: ARCHIVE_HOME },
        ],
        entrypoints: ["python3", ARCHIVE_AGENT],
        command: ["run"],
        probe: archiveProbe,
        stopGraceSeconds: 10,
      },
      { parent: this, dependsOn: made },
    );
    this.registerOutputs({});
  }
}

const settingsFile = ({ server, ...args }: WalArchiverArgs): string =>
  JSON.stringify({
    destination: args.destination,
    endpoint: args.endpoint,
    server: args.folder,
    everyHours: args.everyHours,
    keepDays: args.keepDays,
    host: server.containerName,
    port: server.internalPort,
    user: BACKUP_ROLE,
    database: BACKUP_DATABASE,
  });

/** The role may begin and end a backup, and read no row. */
function createRole(
  parent: pulumi.Resource,
  name: string,
  { server }: WalArchiverArgs,
  password: pulumi.Output<string>,
): pulumi.Resource[] {
  const own = { parent, provider: server.provider, deletedWith: server.lifetime };
  const role = new postgresql.Role(
    `${name}-role`,
    {
      name: BACKUP_ROLE,
      login: true,
      password,
      connectionLimit: BACKUP_CONNECTIONS,
      roles: [...BACKUP_MEMBERSHIPS],
    },
    { ...own, dependsOn: server.ready },
  );
  const grant = { database: BACKUP_DATABASE, role: role.name };
  const connect = new postgresql.Grant(
    `${name}-connect`,
    { ...grant, objectType: "database", privileges: ["CONNECT"] },
    own,
  );
  const functions = new postgresql.Grant(
    `${name}-functions`,
    {
      ...grant,
      schema: "pg_catalog",
      objectType: "function",
      objects: [...BACKUP_FUNCTIONS],
      privileges: ["EXECUTE"],
    },
    own,
  );
  return [connect, functions];
}
