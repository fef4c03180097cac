import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";

import { REPLICATOR_DATABASE, REPLICATOR_ROLE } from "../../catalog/replication";
import { createPassword } from "../platform/password";
import type { PostgresServer } from "./postgres-server";

/**
 * The role with which replicas follow the primary. It may connect to no database of a service. max_wal_senders limits its
 * connections: a limit of its own would count those of a replica that was cut off, until wal_sender_timeout.
 */
export class PostgresReplicator extends pulumi.ComponentResource {
  public readonly username = REPLICATOR_ROLE;
  /** Secret. */
  public readonly password: pulumi.Output<string>;
  /** What whoever logs in as the role waits for. */
  public readonly made: pulumi.Resource;

  constructor(name: string, server: PostgresServer, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:postgres:PostgresReplicator", name, {}, opts);
    this.password = createPassword(name, { parent: this });
    const own = { parent: this, provider: server.provider, deletedWith: server.lifetime };
    const role = new postgresql.Role(
      `${name}-role`,
      { name: REPLICATOR_ROLE, login: true, replication: true, password: this.password },
      { ...own, dependsOn: server.ready },
    );
    this.made = new postgresql.Grant(
      `${name}-connect`,
      {
        database: REPLICATOR_DATABASE,
        role: role.name,
        objectType: "database",
        privileges: ["CONNECT"],
      },
      own,
    );
    this.registerOutputs({});
  }
}
