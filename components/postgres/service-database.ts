import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";

import type { ServiceDefinition, ServiceName } from "../../catalog/services";
import { createPassword } from "../platform/password";
import { isProtected, type Protection } from "../platform/protection";
import type { MigrationOptions } from "./migration-inputs";
import type { PostgresServer } from "./postgres-server";
import { RoleSettings } from "./role-settings";
import { connectionLimits, type LoginRole, type RoleNames, roleNames, TIMEOUTS } from "./roles";
import { SchemaMigrations } from "./schema-migrations";
import { SERVICE_RIGHTS } from "./service-rights";

const SCHEMA = "public";
/** Everybody who may connect to the server. */
const PUBLIC = "public";

export interface ServiceDatabaseArgs extends ServiceDefinition {
  service: ServiceName;
  server: PostgresServer;
  /** Directory of the migrations, from the root of the program. */
  migrations: string;
  migrationOptions: MigrationOptions;
  protection: Protection;
}

/**
 * A database that one service owns: `_owner` (no login) owns everything in it, `_migrator` acts by
 * SET ROLE to it, `_app` may change rows, `_readonly` may read them, and nobody else may connect.
 */
export class ServiceDatabase extends pulumi.ComponentResource {
  public readonly databaseName: string;
  public readonly roles: RoleNames;
  /** Passwords of the roles that log in; secret. */
  public readonly passwords: Readonly<Record<LoginRole, pulumi.Output<string>>>;

  constructor(name: string, args: ServiceDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:database:ServiceDatabase", name, {}, opts);
    const { database: databaseName, server } = args;
    const child = {
      parent: this,
      provider: server.provider,
      deletedWith: server.data,
    };
    const names = roleNames(args.rolePrefix);
    const limits = connectionLimits(args);

    const loginRoles: postgresql.Role[] = [];
    const owner = new postgresql.Role(
      `${name}-owner`,
      { name: names.owner, login: false, inherit: false },
      child,
    );
    const passwords = {
      migrator: createLoginRole("migrator", { roles: [owner.name], inherit: false }),
      app: createLoginRole("app"),
      readonly: createLoginRole("readonly"),
    };
    createRoleSettings();
    const database = createDatabase();
    const granted = createPrivileges();
    const extended = createExtensions();
    createMigrations();

    this.databaseName = databaseName;
    this.roles = names;
    this.passwords = passwords;
    this.registerOutputs({
      databaseName: this.databaseName,
      roles: this.roles,
      passwords: this.passwords,
    });

    function createLoginRole(role: LoginRole, more: Partial<postgresql.RoleArgs> = {}) {
      const password = createPassword(`${name}-${role}`, { parent: child.parent });
      loginRoles.push(
        new postgresql.Role(
          `${name}-${role}`,
          {
            name: names[role],
            login: true,
            password,
            connectionLimit: limits[role],
            // What a name without a schema means does not depend on who made which schema.
            searchPaths: [SCHEMA],
            statementTimeout: TIMEOUTS[role].statement,
            idleInTransactionSessionTimeout: TIMEOUTS[role].idleInTransaction,
            ...more,
          },
          child,
        ),
      );
      return password;
    }

    function createRoleSettings() {
      const roles = Object.entries(TIMEOUTS).map(([role, { lock }]) => [
        names[role as LoginRole],
        { lock_timeout: `${lock}ms` },
      ]);
      new RoleSettings(
        `${name}-role-settings`,
        {
          host: server.host,
          port: server.port,
          adminUsername: server.username,
          adminPassword: server.password,
          trusted: server.trusted,
          roles: Object.fromEntries(roles) as Record<string, Record<string, string>>,
        },
        { parent: child.parent, dependsOn: loginRoles, deletedWith: server.data },
      );
    }

    function createDatabase() {
      return new postgresql.Database(
        `${name}-database`,
        {
          name: databaseName,
          owner: owner.name,
          // From template0, so that neither encoding nor order depends on how an image was made.
          template: "template0",
          encoding: "UTF8",
          lcCollate: "C.UTF-8",
          lcCtype: "C.UTF-8",
        },
        { ...child, protect: isProtected(databaseName, args.protection) },
      );
    }

    /**
     * One after another: PostgreSQL refuses two at once on the same object ("tuple concurrently updated").
     * Rights withheld on purpose: the application role may not TRUNCATE, nor make objects or triggers;
     * the migrator has none of its own but CONNECT, and acts as the owner.
     */
    function createPrivileges(): pulumi.Resource {
      const {
        database: onDatabase,
        schema: onSchema,
        table,
        sequence,
        function: call,
      } = SERVICE_RIGHTS;
      const grants: [
        label: string,
        role: string,
        objectType: "database" | "schema",
        readonly string[],
      ][] = [
        ["public-database", PUBLIC, "database", []],
        ["migrator-database", names.migrator, "database", onDatabase.migrator],
        ["app-database", names.app, "database", onDatabase.app],
        ["readonly-database", names.readonly, "database", onDatabase.readonly],
        ["public-schema", PUBLIC, "schema", []],
        ["app-schema", names.app, "schema", onSchema.app],
        ["readonly-schema", names.readonly, "schema", onSchema.readonly],
      ];
      let previous: pulumi.Resource[] = [database, ...loginRoles];
      for (const [label, role, objectType, privileges] of grants) {
        const schema = objectType === "schema" ? SCHEMA : undefined;
        previous = [
          new postgresql.Grant(
            `${name}-${label}`,
            { database: databaseName, role, objectType, schema, privileges: [...privileges] },
            { ...child, dependsOn: previous },
          ),
        ];
      }
      // What the owner makes later: a schema's default cannot take back what everybody has, so that
      // the right of PUBLIC to call functions is revoked for all schemas.
      const defaults: [
        label: string,
        role: string,
        objectType: string,
        readonly string[],
        schema?: string,
      ][] = [
        ["public-functions", PUBLIC, "function", []],
        ["app-tables", names.app, "table", table.app, SCHEMA],
        ["app-sequences", names.app, "sequence", sequence.app, SCHEMA],
        ["app-functions", names.app, "function", call.app, SCHEMA],
        ["readonly-tables", names.readonly, "table", table.readonly, SCHEMA],
        ["readonly-sequences", names.readonly, "sequence", sequence.readonly, SCHEMA],
      ];
      for (const [label, role, objectType, privileges, schema] of defaults) {
        previous = [
          new postgresql.DefaultPrivileges(
            `${name}-default-${label}`,
            {
              database: databaseName,
              owner: names.owner,
              role,
              objectType,
              schema,
              privileges: [...privileges],
            },
            { ...child, dependsOn: previous },
          ),
        ];
      }
      return previous[0];
    }

    /**
     * Made by the superuser, after each other. One that is no longer wanted is dropped with RESTRICT: PostgreSQL
     * refuses that while a column or an index still uses it. With the database it goes without being asked for.
     */
    function createExtensions(): pulumi.Resource {
      let previous = granted;
      for (const extension of args.extensions) {
        previous = new postgresql.Extension(
          `${name}-extension-${extension}`,
          { name: extension, database: databaseName },
          { ...child, dependsOn: previous, deletedWith: database },
        );
      }
      return previous;
    }

    function createMigrations() {
      new SchemaMigrations(
        `${name}-migrations`,
        {
          host: server.host,
          port: server.port,
          database: databaseName,
          username: names.migrator,
          password: passwords.migrator,
          trusted: server.trusted,
          owner: names.owner,
          extensions: args.extensions,
          directory: args.migrations,
          ...args.migrationOptions,
        },
        // Nothing is dropped with the resource, so that its deletion needs no server either.
        { parent: child.parent, dependsOn: extended, deletedWith: database },
      );
    }
  }
}
