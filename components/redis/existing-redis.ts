import * as pulumi from "@pulumi/pulumi";

import { parseAddress } from "../platform/address";
import type { RedisServer } from "./redis-server";

export interface ExistingRedisArgs {
  /** host:port of each node, the one that services connect to first. */
  nodes: readonly string[];
  /** Absent if the users are there already. */
  administrator?: { username: string; password: string };
  /** PEM of the authorities to trust, or `system`; undefined if connections are not encrypted. */
  trusted?: string;
  users?: Readonly<Record<string, { username: string; password: string }>>;
}

/** A Redis server of version 7, or a compatible one, that the stack did not start. */
export class ExistingRedis extends pulumi.ComponentResource implements RedisServer {
  public readonly host: string;
  public readonly port: number;
  public readonly nodes: RedisServer["nodes"];
  public readonly administrator?: RedisServer["administrator"];
  public readonly trusted?: pulumi.Output<string>;
  public readonly users?: RedisServer["users"];

  constructor(name: string, args: ExistingRedisArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:redis:ExistingServer", name, {}, opts);
    const { administrator, trusted } = args;
    this.nodes = args.nodes.map(parseAddress);
    [{ host: this.host, port: this.port }] = this.nodes;
    this.administrator = administrator && {
      username: administrator.username,
      password: pulumi.secret(administrator.password),
    };
    this.trusted = trusted === undefined ? undefined : pulumi.output(trusted);
    this.users =
      args.users &&
      Object.fromEntries(
        Object.entries(args.users).map(([service, { username, password }]) => [
          service,
          { username, password: pulumi.secret(password) },
        ]),
      );
    this.registerOutputs({ host: this.host, port: this.port });
  }
}
