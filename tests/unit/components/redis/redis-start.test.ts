import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type StartArgs, startCommand } from "../../../../components/redis/redis-start";

/** Runs the command of a container with folders and programs of a test's own, and returns how the server starts. */
class Container {
  public readonly root = mkdtempSync(join(tmpdir(), "redis-start-"));

  constructor() {
    ["data", "etc/platform/tls", "bin"].forEach((folder) =>
      mkdirSync(join(this.root, folder), { recursive: true }),
    );
    this.write("etc/platform/users.acl", "");
    this.write("etc/platform/replication.conf", "masteruser u\nmasterauth secret\n");
    this.program("chown", "");
    this.program("docker-entrypoint.sh", 'echo "$@"');
    this.program("getent", "");
  }

  public write(file: string, text: string): void {
    writeFileSync(join(this.root, file), text);
  }

  public read = (file: string) => readFileSync(join(this.root, file), "utf8");

  public program(name: string, script: string): void {
    const file = join(this.root, "bin", name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }

  public start(args: StartArgs): string {
    const script = startCommand(args)
      .replaceAll("/etc/platform", join(this.root, "etc/platform"))
      .replaceAll("/data", join(this.root, "data"));
    return execFileSync("/bin/sh", ["-c", script], {
      encoding: "utf8",
      env: { PATH: `${join(this.root, "bin")}:${process.env.PATH}` },
    }).trim();
  }
}

describe("A Redis server's container", () => {
  let container: Container;

  beforeEach(() => {
    container = new Container();
  });
  afterEach(() => rmSync(container.root, { recursive: true }));

  it("starts with its file of settings, and with users of its own after the first time", () => {
    assert.equal(
      container.start({ tls: false }),
      `redis-server ${container.root}/etc/platform/redis.conf`,
    );
    container.write("data/users.acl", "later\n");
    container.start({ tls: false });
    assert.equal(container.read("data/users.acl"), "later\n");
  });

  describe("beside another one", () => {
    const answers = (role: string) =>
      container.program("redis-cli", `[ "$REDISCLI_AUTH" = secret ] && printf '${role}\\n0\\n'`);
    const roleOf = (follows: boolean) => {
      const started = container.start({ tls: false, replication: { peer: "other", follows } });
      assert.equal(started, `redis-server ${container.root}/data/server.conf`);
      const [include, role] = container.read("data/server.conf").split("\n");
      assert.equal(include, `include ${container.root}/etc/platform/redis.conf`);
      return role;
    };
    const FOLLOWS = "replicaof other 6379";

    it("begins as the program says", () => {
      answers("");
      assert.equal(roleOf(false), "");
      rmSync(join(container.root, "data/server.conf"));
      assert.equal(roleOf(true), FOLLOWS);
    });

    it("stays what it was, without what else the server has written", () => {
      answers("");
      container.write("data/server.conf", `include x\nmaxmemory 1\n${FOLLOWS}\n`);
      assert.equal(roleOf(false), FOLLOWS);
      container.write("data/server.conf", "include x\nmaxmemory 1\n");
      assert.equal(roleOf(true), "");
      assert.ok(!container.read("data/server.conf").includes("maxmemory"));
    });

    it("follows the other one that has taken its place", () => {
      answers("master");
      container.write("data/server.conf", "include x\n");
      assert.equal(roleOf(false), FOLLOWS);
    });

    it("follows the other one if it is new itself: what that has must not be lost", () => {
      answers("slave");
      assert.equal(roleOf(false), FOLLOWS);
    });

    it("stays the primary if it had been alone", () => {
      answers("slave");
      mkdirSync(join(container.root, "data/appendonlydir"));
      assert.equal(roleOf(false), "");
    });
  });

  it("of a cluster starts with the addresses that the others have now", () => {
    const id = (digit: string) => digit.repeat(40);
    const lines = (second: string) =>
      [
        `${id("a")} 172.18.0.2:6379@16379,p-redis,shard-id=x myself,master - 0 0 1 connected 0-5460`,
        `${id("b")} ${second}:6389@16379,p-redis-2 master - 0 0 2 connected 5461-10921`,
        `${id("c")} 172.18.0.4:6390@16379,p-redis-3,shard-id=y master - 0 0 3 connected`,
        "vars currentEpoch 3 lastVoteEpoch 0",
        "",
      ].join("\n");
    container.write("data/nodes.conf", lines("172.18.0.3"));
    container.program("getent", '[ "$2" = p-redis-2 ] && echo "172.18.0.9  p-redis-2"');
    container.start({ tls: false, clusterPeers: ["p-redis-2", "p-redis-3"] });
    assert.equal(container.read("data/nodes.conf"), lines("172.18.0.9"));
  });

  it("of a cluster starts at its first time too", () => {
    container.start({ tls: false, clusterPeers: ["p-redis-2"] });
    assert.ok(!existsSync(join(container.root, "data/nodes.conf")));
  });
});
