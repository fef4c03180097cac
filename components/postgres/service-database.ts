import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";

import type { ServiceDefinition, ServiceName } from "../../catalog/services";
import { createPassword } from "../platform/password";
import { isProtected, type Protection } from "../platform/protection";
import { DatabaseRights } from "./database-rights";
import type { MigrationOptions } from "./migration-inputs";
import type { PostgresServer } from "./postgres-server";
import { SCHEMA } from "./rights-sql";
import { connectionLimits, type LoginRole, type RoleNames, roleNames, TIMEOUTS } from "./roles";
import { SchemaMigrations } from "./schema-migrations";
import { rolesRights } from "./service-rights";

export interface ServiceDatabaseArgs extends ServiceDefinition {
  service: ServiceName;
  server: PostgresServer;
  /** Directory of the migrations, from the root of the program. */
  migrations: string;
  migrationOptions: MigrationOptions;
  protection: Protection;
}

/**
 * A database that one service owns. `_owner` (no login) owns everything in it, `_migrator` acts as the owner by
 * SET ROLE, `_app` may change rows, `_readonly` may read them, and no other role may connect.
 * @throws pulumi.RunError while the program loads if the server cannot create one of its extensions
 */
export class ServiceDatabase extends pulumi.ComponentResource {
  public readonly databaseName: string;
  public readonly roles: RoleNames;
  /** Passwords of the roles that log in; secret. */
  public readonly passwords: Readonly<Record<LoginRole, pulumi.Output<string>>>;

  constructor(
    private readonly name: string,
    private readonly args: ServiceDatabaseArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("learning-platform:database:ServiceDatabase", name, {}, opts);
    refuseExtensions(args);
    this.databaseName = args.database;
    this.roles = roleNames(args.rolePrefix);
    const { roles: names } = this;

    const owner = new postgresql.Role(
      `${name}-owner`,
      { name: names.owner, login: false, inherit: false },
      { ...this.ownOptions(), dependsOn: args.server.ready },
    );
    const migrator = this.createLoginRole("migrator", { roles: [owner.name], inherit: false });
    const app = this.createLoginRole("app");
    const readonly = this.createLoginRole("readonly");
    const logins = [migrator.role, app.role, readonly.role];
    this.passwords = {
      migrator: migrator.password,
      app: app.password,
      readonly: readonly.password,
    };
    const made = this.createDatabase(owner, logins);
    const granted = this.createRights(made, logins);
    const extended = this.createExtensions(made, [granted]);
    this.createMigrations(made, extended);

    this.registerOutputs({
      databaseName: this.databaseName,
      roles: this.roles,
      passwords: this.passwords,
    });
  }

  private ownOptions() {
    const { provider, lifetime } = this.args.server;
    return { parent: this, provider, deletedWith: lifetime };
  }

  private createLoginRole(kind: LoginRole, more: Partial<postgresql.RoleArgs> = {}) {
    const password = createPassword(`${this.name}-${kind}`, { parent: this });
    const role = new postgresql.Role(
      `${this.name}-${kind}`,
      {
        name: this.roles[kind],
        login: true,
        password,
        connectionLimit: connectionLimits(this.args)[kind],
        // The meaning of a name without a schema does not depend on which schemas exist.
        searchPaths: [SCHEMA],
        statementTimeout: TIMEOUTS[kind].statement,
        idleInTransactionSessionTimeout: TIMEOUTS[kind].idleInTransaction,
        ...more,
      },
      { ...this.ownOptions(), dependsOn: this.args.server.ready },
    );
    return { role, password };
  }

  private createRights(database: postgresql.Database, logins: pulumi.Resource[]) {
    const { direct, administrator, trusted } = this.args.server;
    return new DatabaseRights(
      `${this.name}-rights`,
      {
        ...direct,
        adminUsername: administrator.username,
        adminPassword: administrator.password,
        trusted,
        database: this.databaseName,
        owner: this.roles.owner,
        roles: rolesRights(this.roles),
      },
      { parent: this, dependsOn: [database, ...logins], deletedWith: database },
    );
  }

  private createDatabase(owner: postgresql.Role, logins: pulumi.Resource[]): postgresql.Database {
    const { lifetime } = this.args.server;
    return new postgresql.Database(
      `${this.name}-database`,
      {
        name: this.databaseName,
        owner: owner.name,
        // From template0, so that neither encoding nor collation depends on how an image was built.
        template: "template0",
        encoding: "UTF8",
        lcCollate: "C.UTF-8",
        lcCtype: "C.UTF-8",
      },
      {
        ...this.ownOptions(),
        // On a server that outlives the stack, roles go after the database in which they have rights.
        dependsOn: lifetime === undefined ? logins : [],
        protect: isProtected(this.databaseName, this.args.protection),
      },
    );
  }

  /**
   * Created by the administrator, one after another. An extension that is removed from the service is dropped with
   * RESTRICT: PostgreSQL refuses that while a column or an index still uses it. It is deleted with the database.
   */
  private createExtensions(database: postgresql.Database, after: pulumi.Resource[]) {
    let previous = after;
    for (const extension of this.args.extensions) {
      previous = [
        new postgresql.Extension(
          `${this.name}-extension-${extension}`,
          { name: extension, database: this.databaseName },
          { ...this.ownOptions(), dependsOn: previous, deletedWith: database },
        ),
      ];
    }
    return previous;
  }

  private createMigrations(database: postgresql.Database, after: pulumi.Resource[]): void {
    const { server, extensions, migrations, migrationOptions } = this.args;
    new SchemaMigrations(
      `${this.name}-migrations`,
      {
        ...server.direct,
        database: this.databaseName,
        username: this.roles.migrator,
        password: this.passwords.migrator,
        trusted: server.trusted,
        owner: this.roles.owner,
        extensions,
        directory: migrations,
        ...migrationOptions,
      },
      // Deleting the resource drops nothing, so that it needs no server either.
      { parent: this, dependsOn: after, deletedWith: database },
    );
  }
}

function refuseExtensions({ server, service, extensions }: ServiceDatabaseArgs): void {
  const { extensions: creatable } = server.capabilities;
  const refused =
    creatable === "all" ? [] : extensions.filter((extension) => !creatable.includes(extension));
  if (creatable !== "all" && refused.length > 0) {
    throw new pulumi.RunError(
      `The administrator of PostgreSQL at ${server.host}:${server.port} cannot create ${refused.join(", ")}, ` +
        `which ${service} needs (catalog/services.ts). Extensions that it can create: ${creatable.join(", ") || "none"}.`,
    );
  }
}
