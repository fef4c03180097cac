import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";

import { SYSTEM_AUTHORITIES } from "../../catalog/client-settings";
import { DynamicResource, type Inputs } from "../platform/dynamic-resource";
import type { AdministratorSetupInputs } from "./administrator-setup-inputs";
import type { PostgresServer } from "./postgres-server";
import { memberConnections, OWN_DATABASES } from "./postgres-settings";

export interface ExistingPostgresArgs {
  host: string;
  port: number;
  /** Where the administrator and migrations connect, if services connect through a pooler. */
  direct: { host: string; port: number };
  username: string;
  password: string;
  /** Database to which the administrator connects. */
  database: string;
  /** PEM of the authorities to trust, or `system`; undefined if connections are not encrypted. */
  trusted?: string;
  /** File with the same PEM, from the root of the program. */
  caFile?: string;
  extensions: readonly string[];
  /** Number of databases that the stack creates. */
  databases: number;
}

/**
 * A PostgreSQL server, of version 16 or later, that the stack did not start. Its administrator need not be a superuser:
 * a login with CREATEDB and CREATEROLE is enough.
 */
export class ExistingPostgres extends pulumi.ComponentResource implements PostgresServer {
  public readonly host: string;
  public readonly port: number;
  public readonly direct: PostgresServer["direct"];
  public readonly administrator: PostgresServer["administrator"];
  public readonly trusted?: pulumi.Output<string>;
  public readonly ready: pulumi.Resource;
  public readonly provider: postgresql.Provider;
  public readonly capabilities: PostgresServer["capabilities"];

  constructor(name: string, args: ExistingPostgresArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:postgres:ExistingServer", name, {}, opts);
    const { host, port, direct, username, trusted } = args;
    const password = pulumi.secret(args.password);

    this.host = host;
    this.port = port;
    this.direct = direct;
    this.administrator = { username, password };
    this.trusted = trusted === undefined ? undefined : pulumi.output(trusted);
    this.capabilities = { extensions: args.extensions };
    this.ready = new AdministratorSetup(
      `${name}-administrator`,
      {
        ...direct,
        adminUsername: username,
        adminPassword: password,
        trusted,
        database: args.database,
        closed: OWN_DATABASES,
      },
      { parent: this },
    );
    this.provider = new postgresql.Provider(
      `${name}-provider`,
      {
        ...direct,
        username,
        password,
        database: args.database,
        ...sslOf(args),
        // Of a role's password, only a superuser could read what the server keeps.
        superuser: false,
        expectedVersion: "16.0.0",
        maxConnections: memberConnections(args.databases),
        connectTimeout: 15,
      },
      { parent: this },
    );
    this.registerOutputs({ host, port, username, password });
  }
}

/** lib/pq 1.10.9, ssl.go: without a file of authorities, verify-full trusts those of the system. */
const sslOf = ({ trusted, caFile }: Pick<ExistingPostgresArgs, "trusted" | "caFile">) =>
  trusted === undefined
    ? { sslmode: "disable" }
    : {
        sslmode: "verify-full",
        ...(trusted === SYSTEM_AUTHORITIES ? {} : { sslrootcert: caFile }),
      };

/**
 * What the administrator of a server needs before it creates roles, and what every role could do otherwise.
 *
 * An administrator without SUPERUSER has nothing of what the roles that it creates own, so that its grants on their
 * databases would be a warning (01006) and change nothing. With `createrole_self_grant` (PostgreSQL 16) it becomes a
 * member of each role that it creates. Deleting the resource changes nothing: other stacks may need the same.
 */
class AdministratorSetup extends DynamicResource {
  constructor(
    name: string,
    args: Inputs<AdministratorSetupInputs>,
    opts: pulumi.CustomResourceOptions,
  ) {
    super(
      "administrator-setup",
      "database:AdministratorSetup",
      name,
      { open: undefined, ...args, adminPassword: pulumi.secret(args.adminPassword) },
      { ...opts, additionalSecretOutputs: ["adminPassword"] },
    );
  }
}
