import * as pulumi from "@pulumi/pulumi";

import { MONITOR_USER } from "../../catalog/monitor";
import { createPassword } from "../platform/password";
import type { RedisServer } from "./redis-server";
import { RedisUser } from "./redis-user";

/**
 * INFO, and statistics by command: nothing that names a key or a value. The exporter also asks for the slow log, whose
 * entries hold both, and is refused (redis_exporter 1.80, exporter/slowlog.go).
 */
const RULES = ["resetchannels", "-@all", "+ping", "+info", "+latency|latest", "+latency|histogram"];

/** The user of the monitoring on one Redis server, without keys and channels. */
export class RedisMonitor extends pulumi.ComponentResource {
  /** Secret. */
  public readonly password: pulumi.Output<string>;
  /** What whoever logs in as the user waits for. */
  public readonly made: pulumi.Resource;

  constructor(name: string, server: RedisServer, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:redis:RedisMonitor", name, {}, opts);
    const { administrator } = server;
    if (administrator === undefined) {
      throw new Error(`${name}: the server has no administrator who could create the user`);
    }
    this.password = createPassword(name, { parent: this });
    this.made = new RedisUser(
      `${name}-user`,
      {
        host: server.host,
        port: server.port,
        adminUsername: administrator.username,
        adminPassword: administrator.password,
        trusted: server.trusted,
        username: MONITOR_USER,
        password: this.password,
        rules: RULES,
      },
      { parent: this, dependsOn: server.ready, deletedWith: server.lifetime },
    );
    this.registerOutputs({});
  }
}
