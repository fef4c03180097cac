import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { connected, type RedisNode, type Send } from "../../../components/redis/redis-client";
import { closedPort } from "../../unit/support/ports";
import { docker } from "./docker";
import { parseProjectDefaults } from "./project";

export const ADMINISTRATOR = { username: "default", password: "of-the-administrator" };

/** How a node keeps users over a restart. */
type Keeps = "in a file of users" | "in its settings" | "nowhere";

export interface NodeArgs {
  keeps: Keeps;
  /** Lines of its file of settings, or arguments where it has none. */
  settings?: string[];
  /** Texts of files in its folder, by name. */
  files?: Record<string, string>;
  trusted?: string;
}

/** Redis servers in containers that no stack started, on one network. */
export class RedisNodes {
  private readonly prefix = `existing-redis-${randomBytes(4).toString("hex")}`;
  private readonly names: string[] = [];

  public async open(): Promise<void> {
    await docker("network", "create", this.prefix);
  }

  public containerOf = (name: string) => `${this.prefix}-${name}`;

  /** Starts a server, and resolves once it answers. */
  public async start(name: string, args: NodeArgs): Promise<RedisNode> {
    const { keeps, settings = [], files = {} } = args;
    // A port of Docker's choice would be another one after a restart.
    const node = { host: "127.0.0.1", port: await closedPort() };
    const lines = [
      ...["port 6379", "save ''", `masterauth ${ADMINISTRATOR.password}`],
      "repl-diskless-sync-delay 0",
      keeps === "in a file of users"
        ? "aclfile /data/users.acl"
        : `requirepass ${ADMINISTRATOR.password}`,
      ...settings,
    ];
    const written = {
      "users.acl": `user default on >${ADMINISTRATOR.password} ~* &* +@all\n`,
      "redis.conf": `${lines.join("\n")}\n`,
      ...files,
    };
    const contents = Object.values(written);
    const write = Object.keys(written).map(
      (file, index) => `[ -f ${file} ] || printf '%s' "$FILE_${index}" > ${file}`,
    );
    const server =
      keeps === "nowhere"
        ? `redis-server ${lines.map((line) => `--${line}`).join(" ")}`
        : "redis-server redis.conf";
    this.names.push(name);
    await docker(
      ...["run", "--detach", "--name", this.containerOf(name), "--network", this.prefix],
      ...["--network-alias", name, "--publish", `127.0.0.1:${node.port}:6379`],
      ...contents.flatMap((text, index) => ["--env", `FILE_${index}=${text}`]),
      ...["--entrypoint", "sh", parseProjectDefaults().redisImage, "-c"],
      `cd /data; ${write.join("; ")}; exec docker-entrypoint.sh ${server}`,
    );
    await this.answers(node, args.trusted);
    return node;
  }

  public async restart(name: string, node: RedisNode): Promise<void> {
    await docker("restart", "--time", "5", this.containerOf(name));
    await this.answers(node);
  }

  public async cleanUp(): Promise<void> {
    if (this.names.length > 0) {
      await docker("rm", "--force", "--volumes", ...this.names.map(this.containerOf));
    }
    await docker("network", "rm", this.prefix);
  }

  private async answers(node: RedisNode, trusted?: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await connected({ ...node, ...ADMINISTRATOR, trusted }, (send) => send("PING"));
        return;
      } catch (error) {
        if (attempt === 100) {
          throw error;
        }
        await sleep(100);
      }
    }
  }
}

/** Sends one command to a node as its administrator. */
export const onNode = (node: RedisNode, ...command: string[]): Promise<unknown> =>
  connected({ ...node, ...ADMINISTRATOR }, (send: Send) => send(...command));
