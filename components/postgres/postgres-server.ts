import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";

import {
  containerName,
  createContainer,
  createVolume,
  type PlatformSettings,
} from "../platform/container";
import { createPassword } from "../platform/password";
import type { ServerCertificates } from "../platform/platform-certificates";
import { TLS_FILES, tlsUploads } from "../platform/tls-files";
import { type DatabaseLogins, pgHba } from "./pg-hba";
import { postgresSettings, providerConnections } from "./postgres-settings";

const POSTGRES_PORT = 5432;
const HOST = "localhost";
const SUPERUSER = "postgres";
const PASSWORD_FILE = "/etc/platform/postgres-password";
const HBA_FILE = "/etc/platform/pg_hba.conf";
/** Databases that every server has, and whoever may log in may connect to unless told otherwise. */
const OWN_DATABASES = ["postgres", "template1"];

export interface PostgresServerArgs {
  platform: PlatformSettings;
  image: string;
  memoryMb: number;
  /** Port of the host. */
  port: number;
  /** Most connections that all roles together may hold; more are kept for administrators. */
  roleConnections: number;
  /** Who else logs in, and to which database. */
  logins: readonly DatabaseLogins[];
  /** The host's own addresses on the platform's network. */
  hostAddresses: pulumi.Input<string[]>;
  /** Without them, connections are in clear. */
  tls?: ServerCertificates & {
    /** File of the authorities to trust, on the machine that the program runs on. */
    trustedFile: pulumi.Input<string>;
  };
}

/** A PostgreSQL 16 server whose superuser's password is generated, with a provider that acts as that superuser. */
export class PostgresServer extends pulumi.ComponentResource {
  public readonly host = HOST;
  public readonly port: number;
  /** Name of the container, which is also its name on the platform's network. */
  public readonly containerName: string;
  public readonly username = SUPERUSER;
  /** Password of the superuser; secret. */
  public readonly password: pulumi.Output<string>;
  /** PEM of the authorities that clients are to trust; undefined where connections are in clear. */
  public readonly trusted?: pulumi.Output<string>;
  /** Acts on the server as the superuser, once it is healthy. */
  public readonly provider: postgresql.Provider;
  /** Deleted with the server's data: what lives inside need not be deleted one by one. */
  public readonly data: pulumi.Resource;

  constructor(name: string, args: PostgresServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:postgres:PostgresServer", name, {}, opts);
    const { platform, tls } = args;
    const role = "postgres";
    const child = { parent: this };
    const password = createPassword(name, child);

    this.port = args.port;
    this.containerName = containerName(platform, role);
    this.password = password;
    this.trusted = tls?.trusted;
    const volume = createVolume(`${name}-data`, platform, role, child);
    this.data = volume;
    const container = createServer();
    this.provider = createProvider();
    closeOwnDatabases(this.provider);
    this.registerOutputs({
      host: this.host,
      port: this.port,
      containerName: this.containerName,
      username: this.username,
      password: this.password,
    });

    function createServerCommand(): string[] {
      const settings = postgresSettings({
        memoryMb: args.memoryMb,
        roleConnections: args.roleConnections,
        databases: args.logins.length,
        hbaFile: HBA_FILE,
        tls: tls !== undefined,
      });
      return [
        "postgres",
        ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]),
      ];
    }

    function createHba() {
      return pulumi.output(args.hostAddresses).apply((hostAddresses) =>
        pgHba({
          superuser: SUPERUSER,
          hostAddresses,
          tls: tls !== undefined,
          logins: args.logins,
        }),
      );
    }

    function createServer() {
      return createContainer(
        name,
        {
          platform,
          role,
          image: args.image,
          memoryMb: args.memoryMb,
          ports: [{ internal: POSTGRES_PORT, external: args.port }],
          envs: [
            `POSTGRES_PASSWORD_FILE=${PASSWORD_FILE}`,
            // The image trusts whoever is inside the container unless told otherwise.
            "POSTGRES_INITDB_ARGS=--encoding=UTF8 --auth-local=scram-sha-256 --auth-host=scram-sha-256",
          ],
          uploads: [
            // Read by root before the entrypoint becomes postgres.
            { file: PASSWORD_FILE, content: password, permissions: "0400" },
            { file: HBA_FILE, content: createHba(), permissions: "0444" },
            ...tlsUploads(tls, "0400"),
          ],
          volume: { name: volume.name, path: "/var/lib/postgresql/data" },
          // The server takes a key that is its own user's alone; files that are put into a container are root's.
          entrypoints: tls && [
            "/bin/sh",
            "-c",
            `chown postgres ${TLS_FILES.privateKey} && exec docker-entrypoint.sh "$@"`,
            "--",
          ],
          command: createServerCommand(),
          // A server that only initialises itself listens on its socket alone: asked there, it
          // would count as healthy seconds too early.
          healthTest: ["CMD", "pg_isready", "-q", "-h", "127.0.0.1", "-U", SUPERUSER],
          // Fast shutdown: SIGTERM waits for every client to leave.
          stopSignal: "SIGINT",
          stopGraceSeconds: 60,
        },
        child,
      );
    }

    function createProvider() {
      return new postgresql.Provider(
        `${name}-provider`,
        {
          host: HOST,
          port: args.port,
          username: SUPERUSER,
          password: password,
          ...(tls
            ? { sslmode: "verify-full", sslrootcert: tls.trustedFile }
            : { sslmode: "disable" }),
          superuser: true,
          expectedVersion: "16.0.0",
          // A pool for each database.
          maxConnections: providerConnections(args.logins.length),
          connectTimeout: 15,
        },
        { ...child, dependsOn: container },
      );
    }

    function closeOwnDatabases(provider: postgresql.Provider) {
      for (const database of OWN_DATABASES) {
        new postgresql.Grant(
          `${name}-public-${database}`,
          { database, role: "public", objectType: "database", privileges: [] },
          { ...child, provider, deletedWith: volume },
        );
      }
    }
  }
}
