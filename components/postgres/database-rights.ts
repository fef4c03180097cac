import * as pulumi from "@pulumi/pulumi";

import { DynamicResource, type Inputs } from "../platform/dynamic-resource";
import type { DatabaseRightsInputs } from "./database-rights-inputs";

/**
 * The rights of a service's roles on its database, and the settings of their sessions, set in one transaction.
 *
 * One resource, and not one `postgresql.Grant` or `DefaultPrivileges` for each role and kind of object: those were 54,
 * a third of the platform's resources, and had to wait for each other, because PostgreSQL refuses two changes of one
 * object at once. A provider's grant on a database by an administrator who is no superuser also succeeds without an
 * effect (terraform-provider-postgresql 1.26.0 resource_postgresql_grant.go, `getRolesToGrant`); this resource reads
 * back what it set.
 */
export class DatabaseRights extends DynamicResource {
  constructor(
    name: string,
    args: Inputs<DatabaseRightsInputs>,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      "database-rights",
      "database:Rights",
      name,
      { ...args, adminPassword: pulumi.secret(args.adminPassword) },
      { ...opts, additionalSecretOutputs: ["adminPassword"] },
    );
  }
}
