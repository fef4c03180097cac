import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { bootstrapAcl, redisConfig, serviceRules } from "../../../../components/redis/redis-config";

/** Settings by name, as the server reads them. */
const settingsOf = (text: string) =>
  Object.fromEntries(
    text
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const [name, ...value] = line.split(" ");
        return [name, value.join(" ")];
      }),
  );

describe("Redis's configuration", () => {
  const common = {
    bind: "0.0.0.0",
    "protected-mode": "no",
    dir: "/data",
    aclfile: "/data/users.acl",
    "tcp-keepalive": "60",
  };

  it("of the cache evicts and writes no append-only file", () => {
    assert.deepStrictEqual(
      settingsOf(redisConfig("cache", { memoryMb: 128, tls: false, fsync: true })),
      {
        ...common,
        maxmemory: "96mb",
        "maxmemory-policy": "allkeys-lfu",
        appendonly: "no",
        save: "3600 1",
      },
    );
  });

  it("of sessions writes to disk each second and never evicts", () => {
    assert.deepStrictEqual(
      settingsOf(redisConfig("session", { memoryMb: 128, tls: false, fsync: true })),
      {
        ...common,
        maxmemory: "96mb",
        "maxmemory-policy": "noeviction",
        appendonly: "yes",
        appendfsync: "everysec",
        save: "3600 1",
      },
    );
  });

  it("with TLS accepts only encrypted connections, and asks clients for no certificate", () => {
    assert.deepStrictEqual(
      settingsOf(redisConfig("cache", { memoryMb: 128, tls: true, fsync: true })),
      {
        ...settingsOf(redisConfig("cache", { memoryMb: 128, tls: false, fsync: true })),
        port: "0",
        "tls-port": "6379",
        "tls-cert-file": "/etc/platform/tls/tls.crt",
        "tls-key-file": "/etc/platform/tls/tls.key",
        "tls-ca-cert-file": "/etc/platform/tls/ca.crt",
        "tls-auth-clients": "no",
      },
    );
  });

  const limits: [memoryMb: number, dataMb: number][] = [
    [32, 24],
    [33, 24],
    [128, 96],
    [1024, 768],
  ];
  for (const [memoryMb, dataMb] of limits) {
    it(`reserves ${dataMb} of ${memoryMb} MiB for data`, () => {
      const { maxmemory } = settingsOf(redisConfig("cache", { memoryMb, tls: false, fsync: true }));
      assert.strictEqual(maxmemory, `${dataMb}mb`);
    });
  }
});

describe("Redis's first users", () => {
  const lines = bootstrapAcl("a password").split("\n").filter(Boolean);
  const ruleOf = (user: string) => lines.find((line) => line.startsWith(`user ${user} `)) ?? "";

  it("are three, each on a complete line", () => {
    assert.strictEqual(lines.length, 3);
    assert.ok(bootstrapAcl("a password").endsWith("\n"));
  });

  it("do not include an enabled default user", () => {
    assert.match(ruleOf("default"), / off /);
    assert.match(ruleOf("default"), / -@all$/);
  });

  it("contain only the hash of the administrator's password", () => {
    const hash = createHash("sha256").update("a password").digest("hex");
    assert.strictEqual(ruleOf("platform-admin"), `user platform-admin on #${hash} ~* &* +@all`);
    assert.ok(!lines.join().includes("a password"));
  });

  it("let the health check do nothing but PING", () => {
    assert.strictEqual(
      ruleOf("healthcheck"),
      "user healthcheck on nopass resetchannels -@all +ping",
    );
  });
});

describe("the rules of a service's Redis user", () => {
  const rules = serviceRules("user-service");

  it("give it only its own keys and channels", () => {
    assert.deepStrictEqual(
      rules.filter((rule) => /^[~&%]|^all/.test(rule)),
      ["~user-service:*", "&user-service:*"],
    );
  });

  it("remove, after all commands are granted, those that show other services' keys or change what all share", () => {
    const [first, ...after] = rules.filter((rule) => /^[+-]/.test(rule));
    assert.strictEqual(first, "+@all");
    assert.deepStrictEqual(after.sort(), [
      "+memory|usage",
      "+script|exists",
      "+script|help",
      "+script|load",
      "-@admin",
      "-@dangerous",
      "-client|tracking",
      "-dbsize",
      "-function",
      "-memory",
      "-pubsub",
      "-randomkey",
      "-scan",
      "-script",
    ]);
  });

  it("contain no password, which is set separately", () => {
    assert.ok(!rules.some((rule) => /^[#><]|^nopass$/.test(rule)));
  });
});
