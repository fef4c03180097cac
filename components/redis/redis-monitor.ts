import * as pulumi from "@pulumi/pulumi";

import { MONITOR_USER } from "../../catalog/monitor";
import { createPassword } from "../platform/password";
import type { RedisServer } from "./redis-server";
import { RedisUser, userPlace } from "./redis-user";

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
    const place = userPlace(name, server);
    this.password = createPassword(name, { parent: this });
    this.made = new RedisUser(
      `${name}-user`,
      {
        ...place,
        username: MONITOR_USER,
        password: this.password,
        rules: server.isCluster === true ? [...RULES, "+cluster|info"] : RULES,
      },
      { parent: this, dependsOn: server.ready, deletedWith: server.lifetime },
    );
    this.registerOutputs({});
  }
}
