import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";

import type { RoleNames } from "./roles";
import { SERVICE_RIGHTS } from "./service-rights";

/** The schema of a service's tables. */
export const SCHEMA = "public";
/** Every role of the server. */
const PUBLIC = "public";

interface Grant {
  /** End of the resource's name. */
  label: string;
  role: string;
  objectType: "database" | "schema" | "table" | "sequence" | "function";
  privileges: readonly string[];
  schema?: string;
}

/**
 * Rights withheld on purpose: the application role may not TRUNCATE, nor create objects or triggers; the migrator
 * has none of its own but CONNECT, and acts as the owner.
 * @returns the rights on each object
 */
function grantsFor(names: RoleNames): Grant[][] {
  const { database, schema } = SERVICE_RIGHTS;
  const onDatabase = (label: string, role: string, privileges: readonly string[]): Grant => ({
    label: `${label}-database`,
    role,
    objectType: "database",
    privileges,
  });
  const onSchema = (label: string, role: string, privileges: readonly string[]): Grant => ({
    label: `${label}-schema`,
    role,
    objectType: "schema",
    privileges,
    schema: SCHEMA,
  });
  return [
    [
      onDatabase("public", PUBLIC, []),
      onDatabase("migrator", names.migrator, database.migrator),
      onDatabase("app", names.app, database.app),
      onDatabase("readonly", names.readonly, database.readonly),
    ],
    [
      onSchema("public", PUBLIC, []),
      onSchema("app", names.app, schema.app),
      onSchema("readonly", names.readonly, schema.readonly),
    ],
  ];
}

/**
 * Rights on objects that the owner creates later.
 * @returns the rights on each kind of object in a schema: PostgreSQL keeps them in one row (pg_default_acl)
 */
function defaultsFor(names: RoleNames): Grant[][] {
  const { table, sequence, function: call } = SERVICE_RIGHTS;
  const inSchema = (
    label: string,
    role: string,
    objectType: Grant["objectType"],
    privileges: readonly string[],
  ): Grant => ({ label, role, objectType, privileges, schema: SCHEMA });
  return [
    // The right of PUBLIC to call functions is revoked for all schemas: the defaults of one schema can only
    // add to what everybody has.
    [{ label: "public-functions", role: PUBLIC, objectType: "function", privileges: [] }],
    [
      inSchema("app-tables", names.app, "table", table.app),
      inSchema("readonly-tables", names.readonly, "table", table.readonly),
    ],
    [
      inSchema("app-sequences", names.app, "sequence", sequence.app),
      inSchema("readonly-sequences", names.readonly, "sequence", sequence.readonly),
    ],
    [inSchema("app-functions", names.app, "function", call.app)],
  ];
}

/**
 * Gives a service's roles their rights on its database, and takes from PUBLIC what it has by default. The rights on one
 * object are given one after another, because PostgreSQL refuses two changes of it at once ("tuple concurrently
 * updated"); different objects do not wait for each other.
 * @param after resources that must exist first: the database and the roles
 * @returns the last resource of each object
 */
export function createRights(
  name: string,
  { database, names }: { database: string; names: RoleNames },
  after: pulumi.Resource[],
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const grants = grantsFor(names).map((sameObject) =>
    inTurn(sameObject, after, ({ label, privileges, ...grant }, dependsOn) => {
      const args = { database, ...grant, privileges: [...privileges] };
      return new postgresql.Grant(`${name}-${label}`, args, { ...opts, dependsOn });
    }),
  );
  const defaults = defaultsFor(names).map((sameObject) =>
    inTurn(sameObject, after, ({ label, privileges, ...grant }, dependsOn) => {
      const args = { database, owner: names.owner, ...grant, privileges: [...privileges] };
      return new postgresql.DefaultPrivileges(`${name}-default-${label}`, args, {
        ...opts,
        dependsOn,
      });
    }),
  );
  return [...grants, ...defaults].flat();
}

/** Makes each resource depend on the one before, and the first one on `after`. */
const inTurn = (
  grants: Grant[],
  after: pulumi.Resource[],
  create: (grant: Grant, dependsOn: pulumi.Resource[]) => pulumi.Resource,
): pulumi.Resource[] => grants.reduce((previous, grant) => [create(grant, previous)], after);
