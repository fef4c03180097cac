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
 */
function grantsFor(names: RoleNames): Grant[] {
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
    onDatabase("public", PUBLIC, []),
    onDatabase("migrator", names.migrator, database.migrator),
    onDatabase("app", names.app, database.app),
    onDatabase("readonly", names.readonly, database.readonly),
    onSchema("public", PUBLIC, []),
    onSchema("app", names.app, schema.app),
    onSchema("readonly", names.readonly, schema.readonly),
  ];
}

/** Rights on objects that the owner creates later. */
function defaultsFor(names: RoleNames): Grant[] {
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
    { label: "public-functions", role: PUBLIC, objectType: "function", privileges: [] },
    inSchema("app-tables", names.app, "table", table.app),
    inSchema("app-sequences", names.app, "sequence", sequence.app),
    inSchema("app-functions", names.app, "function", call.app),
    inSchema("readonly-tables", names.readonly, "table", table.readonly),
    inSchema("readonly-sequences", names.readonly, "sequence", sequence.readonly),
  ];
}

/**
 * Gives a service's roles their rights on its database, and takes from PUBLIC what it has by default. One resource
 * after another: PostgreSQL refuses two grants at once on the same object ("tuple concurrently updated").
 * @param after resources that must exist first: the database and the roles
 * @returns the last resource
 */
export function createRights(
  name: string,
  { database, names }: { database: string; names: RoleNames },
  after: pulumi.Resource[],
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  let previous = after;
  for (const { label, privileges, ...grant } of grantsFor(names)) {
    previous = [
      new postgresql.Grant(
        `${name}-${label}`,
        { database, ...grant, privileges: [...privileges] },
        { ...opts, dependsOn: previous },
      ),
    ];
  }
  for (const { label, privileges, ...grant } of defaultsFor(names)) {
    previous = [
      new postgresql.DefaultPrivileges(
        `${name}-default-${label}`,
        { database, owner: names.owner, ...grant, privileges: [...privileges] },
        { ...opts, dependsOn: previous },
      ),
    ];
  }
  return previous;
}
