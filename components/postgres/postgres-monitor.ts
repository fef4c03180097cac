import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";

import { MONITOR_CONNECTIONS, MONITOR_DATABASE, MONITOR_ROLE } from "../../catalog/monitor";
import { createPassword } from "../platform/password";
import type { PostgresServer } from "./postgres-server";

const STATEMENT_TIMEOUT_MS = 5_000;

/**
 * The role of the monitoring. As a member of pg_monitor it reads the statistics of all databases, and it may connect to
 * none of a service's.
 */
export class PostgresMonitor extends pulumi.ComponentResource {
  /** Secret. */
  public readonly password: pulumi.Output<string>;
  /** What whoever logs in as the role waits for. */
  public readonly made: pulumi.Resource;

  constructor(name: string, server: PostgresServer, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:postgres:PostgresMonitor", name, {}, opts);
    const own = { parent: this, provider: server.provider, deletedWith: server.lifetime };
    this.password = createPassword(name, { parent: this });
    const role = new postgresql.Role(
      `${name}-role`,
      {
        name: MONITOR_ROLE,
        login: true,
        password: this.password,
        connectionLimit: MONITOR_CONNECTIONS,
        roles: ["pg_monitor"],
        statementTimeout: STATEMENT_TIMEOUT_MS,
      },
      { ...own, dependsOn: server.ready },
    );
    this.made = new postgresql.Grant(
      `${name}-connect`,
      {
        database: MONITOR_DATABASE,
        role: role.name,
        objectType: "database",
        privileges: ["CONNECT"],
      },
      own,
    );
    this.registerOutputs({});
  }
}
