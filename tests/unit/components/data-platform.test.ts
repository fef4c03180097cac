import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

import { parse } from "yaml";

import { REDIS_INSTANCES, SERVICES, TOPICS } from "../../support/contract";
import { passwordsIn, type Recorded, TYPES } from "../support/mocks";
import {
  bareProgram,
  DEV_SETTINGS,
  devProgram,
  loading,
  ROOT,
  runProgram,
  type Settings,
} from "../support/program";

const COMPONENTS = {
  platform: "learning-platform:platform:DataPlatform",
  network: "learning-platform:network:PlatformNetwork",
  postgres: "learning-platform:postgres:PostgresServer",
  redis: "learning-platform:redis:RedisInstance",
  accounts: "learning-platform:redis:RedisAccounts",
  broker: "learning-platform:redpanda:RedpandaBroker",
  console: "learning-platform:redpanda:RedpandaConsole",
  database: "learning-platform:database:ServiceDatabase",
  topics: "learning-platform:events:EventTopics",
  guard: "learning-platform:platform:DestroyGuard",
};

const services = SERVICES.length;
const platformTopics = Object.keys(TOPICS).length;
const redisUsers = Object.values(REDIS_INSTANCES).flat().length;
/** The services, operators and the Console. */
const kafkaUsers = services + 2;

function countByType({ resources }: Recorded): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of resources) {
    counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}

describe("the program, with the configuration of the stack dev", () => {
  let recorded: Recorded;
  before(loading(async () => ({ recorded } = await devProgram())));

  it("creates as many resources of each type as the contract needs, and no others", () => {
    assert.deepStrictEqual(countByType(recorded), {
      [COMPONENTS.platform]: 1,
      [COMPONENTS.network]: 1,
      [COMPONENTS.postgres]: 1,
      [COMPONENTS.redis]: 2,
      [COMPONENTS.accounts]: 2,
      [COMPONENTS.broker]: 1,
      [COMPONENTS.console]: 1,
      [COMPONENTS.database]: services,
      [COMPONENTS.topics]: 1,
      [COMPONENTS.guard]: 1,
      [TYPES.network]: 1,
      [TYPES.volume]: 4,
      [TYPES.image]: 5,
      [TYPES.container]: 5,
      // Four administrators, three roles a database, users of Redis and of Kafka.
      [TYPES.password]: 4 + services * 3 + redisUsers + kafkaUsers,
      [TYPES.postgresqlProvider]: 1,
      [TYPES.role]: services * 4,
      [TYPES.database]: services,
      // They close the server's own databases.
      [TYPES.grant]: 2,
      [TYPES.databaseRights]: services,
      [TYPES.migrations]: services,
      [TYPES.schemas]: 1,
      [TYPES.redisUser]: redisUsers,
      [TYPES.kafkaProvider]: 1,
      [TYPES.kafkaUser]: kafkaUsers,
      // With test-topic of the stack dev.
      [TYPES.topic]: platformTopics + 1,
      [TYPES.rights]: kafkaUsers,
    });
  });

  it("creates every resource below the one platform", () => {
    const parents = new Map(recorded.resources.map(({ key, parent }) => [key, parent]));
    const root = `${COMPONENTS.platform}::learning-platform`;
    for (const { key } of recorded.resources) {
      let top: string | undefined = key;
      while (top !== undefined && top !== root) {
        top = parents.get(top);
      }
      assert.strictEqual(top, root, `${key} is not below the platform`);
    }
  });

  const homes: [type: string, ...parents: string[]][] = [
    [TYPES.network, COMPONENTS.network],
    [TYPES.postgresqlProvider, COMPONENTS.postgres],
    [TYPES.role, COMPONENTS.database],
    [TYPES.database, COMPONENTS.database],
    [TYPES.grant, COMPONENTS.postgres],
    [TYPES.databaseRights, COMPONENTS.database],
    [TYPES.migrations, COMPONENTS.database],
    [TYPES.redisUser, COMPONENTS.accounts],
    [TYPES.kafkaProvider, COMPONENTS.broker],
    [TYPES.kafkaUser, COMPONENTS.topics],
    [TYPES.topic, COMPONENTS.topics],
    [TYPES.rights, COMPONENTS.topics],
    [TYPES.schemas, COMPONENTS.platform],
  ];
  for (const [type, ...parents] of homes) {
    it(`creates each ${type} in a ${parents.map((parent) => parent.split(":").pop()).join(" or ")}`, () => {
      const found = recorded.all(type).map((resource) => resource.parent?.split("::")[0]);
      assert.deepStrictEqual([...new Set(found)].sort(), parents);
    });
  }

  it("names the children of a component after it", () => {
    for (const { name, parent, type } of recorded.resources) {
      const isChild = parent !== undefined && !type.startsWith("learning-platform:");
      const start = parent?.split("::").pop();
      assert.ok(!isChild || name.startsWith(`${start}-`), `${name} in ${start}`);
    }
  });

  it("generates passwords of 32 letters and digits, which need no escaping anywhere", () => {
    for (const { inputs } of recorded.all(TYPES.password)) {
      assert.deepStrictEqual(inputs, { length: 32, special: false });
    }
  });

  it("shows no password, nor its hash, in any input or output that is not secret", () => {
    for (const { key, clearText } of recorded.resources) {
      assert.deepStrictEqual(passwordsIn(recorded, clearText), [], key);
    }
  });

  it("keeps no settings in the state of a component: its resources have them", () => {
    for (const { key, type, inputs } of recorded.resources) {
      if (type.startsWith("learning-platform:")) {
        assert.deepStrictEqual(inputs, {}, key);
      }
    }
  });

  it("keeps no stack trace of any resource in the state", () => {
    for (const { key, frames } of recorded.resources) {
      assert.strictEqual(frames, 0, key);
    }
  });

  it("guards every resource by one that is destroyed first", () => {
    const { key: guard, dependsOn } = recorded.only(COMPONENTS.guard);
    const components = Object.values(COMPONENTS);
    const own = recorded.resources.filter(({ type }) => !components.includes(type));
    assert.deepStrictEqual(
      own.filter(({ key }) => !dependsOn.includes(key)).map(({ key }) => key),
      [],
    );
    const dependents = recorded.resources.filter((other) => other.dependsOn.includes(guard));
    assert.deepStrictEqual(dependents, []);
  });

  it("protects nothing, because a developer's stack is temporary", () => {
    const kept = recorded.resources.filter((resource) => resource.protect);
    assert.deepStrictEqual(
      kept.map(({ key }) => key),
      [],
    );
  });
});

describe("the program, with the defaults of a stack that has no settings", () => {
  let recorded: Recorded;
  let dev: Recorded;
  before(
    loading(async () => {
      ({ recorded: dev } = await devProgram());
      ({ recorded } = await bareProgram());
    }),
  );

  it("protects its volumes, databases, topics and their guard, and nothing that can be recreated without loss", () => {
    const types = [TYPES.volume, TYPES.database, TYPES.topic, COMPONENTS.guard];
    const kept = recorded.resources.filter((resource) => resource.protect);
    assert.deepStrictEqual(
      kept.map(({ key }) => key).sort(),
      types.flatMap((type) => recorded.all(type).map(({ key }) => key)).sort(),
    );
  });

  it("names network, containers and volumes after the stack, and none as in dev", () => {
    const types = [TYPES.network, TYPES.container, TYPES.volume];
    const names = (from: Recorded) =>
      types.flatMap((type) => from.all(type).map(({ inputs }) => String(inputs.name)));
    assert.deepStrictEqual(names(recorded).sort(), [
      "learning-platform-pr-7-network",
      "learning-platform-pr-7-postgres",
      "learning-platform-pr-7-postgres-data",
      "learning-platform-pr-7-redis",
      "learning-platform-pr-7-redis-data",
      "learning-platform-pr-7-redis-session",
      "learning-platform-pr-7-redis-session-data",
      "learning-platform-pr-7-redpanda",
      "learning-platform-pr-7-redpanda-console",
      "learning-platform-pr-7-redpanda-data",
    ]);
    assert.deepStrictEqual(
      names(recorded).filter((name) => names(dev).includes(name)),
      [],
    );
  });

  it("publishes seven ports of its own, none of them dev's", () => {
    const ports = (from: Recorded) =>
      from
        .all(TYPES.container)
        .flatMap(({ inputs }) => (inputs.ports as { external: number }[]).map((p) => p.external));
    assert.strictEqual(new Set(ports(recorded)).size, 7);
    for (const port of ports(recorded)) {
      assert.ok(port >= 20_000 && port < 30_000, `${port}`);
      assert.ok(!ports(dev).includes(port), `${port} is dev's`);
    }
  });

  it("labels its containers and volumes with its own name", () => {
    for (const { inputs } of [...recorded.all(TYPES.container), ...recorded.all(TYPES.volume)]) {
      const [project, stack] = inputs.labels as unknown[];
      assert.deepStrictEqual(project, {
        label: "learning-platform.project",
        value: "learning-platform",
      });
      assert.deepStrictEqual(stack, { label: "learning-platform.stack", value: "pr-7" });
    }
  });

  it("creates the contract's topics and no test-topic", () => {
    const names = recorded.all(TYPES.topic).map(({ inputs }) => String(inputs.name));
    assert.deepStrictEqual(names.sort(), Object.keys(TOPICS).sort());
  });
});

describe("the program, with the settings of a pull request's environment", () => {
  let recorded: Recorded;
  before(
    loading(async () => {
      const { config } = parse(readFileSync(path.join(ROOT, "Pulumi.pr.yaml"), "utf8")) as {
        config: Record<string, unknown>;
      };
      const settings = Object.entries(config).map(([key, value]) => [key.split(":")[1], value]);
      const own = Object.fromEntries(settings) as Record<string, unknown>;
      ({ recorded } = await runProgram("pr-7", { ...own, firstPort: 24_000 }));
    }),
  );
  const containerOf = (name: string) => recorded.only(TYPES.container, `${name}-container`).inputs;

  it("protects nothing", () => {
    assert.deepStrictEqual(
      recorded.resources.filter(({ protect }) => protect).map(({ key }) => key),
      [],
    );
  });

  it("waits for the disk nowhere", () => {
    const command = containerOf("postgres").command as string[];
    for (const setting of ["fsync", "synchronous_commit", "full_page_writes"]) {
      assert.ok(command.includes(`${setting}=off`), setting);
    }
    assert.ok((containerOf("postgres").envs as string[]).some((env) => / --no-sync$/.test(env)));
    const redis = JSON.stringify(containerOf("redis-session").uploads);
    assert.match(redis, /appendfsync no\\n/);
    assert.doesNotMatch(redis, /everysec/);
    const broker = containerOf("redpanda").command as string[];
    assert.ok(broker.includes("--unsafe-bypass-fsync=true"));
  });

  it("needs less memory than other stacks", () => {
    const memory = recorded.all(TYPES.container).map(({ inputs }) => Number(inputs.memory));
    assert.ok(memory.reduce((sum, each) => sum + each) <= 1_700);
  });

  it("uses the ports from its first one on", () => {
    const ports = recorded
      .all(TYPES.container)
      .flatMap(({ inputs }) => (inputs.ports as { external: number }[]).map((p) => p.external));
    assert.deepStrictEqual(ports.sort(), [24_000, 24_001, 24_002, 24_003, 24_004, 24_005, 24_006]);
  });

  it("labels everything with the end of its time, three days later", () => {
    for (const { key, inputs } of recorded.resources.filter((each) => "labels" in each.inputs)) {
      const labels = new Map(
        (inputs.labels as { label: string; value: string }[]).map(({ label, value }) => [
          label,
          Date.parse(value),
        ]),
      );
      const created = labels.get("learning-platform.created")!;
      assert.strictEqual(labels.get("learning-platform.expires")! - created, 3 * 86_400_000, key);
    }
  });
});

describe("the program, with settings of a stack", () => {
  let recorded: Recorded;
  before(
    loading(async () => {
      ({ recorded } = await runProgram("staging", {
        ...DEV_SETTINGS,
        namePrefix: "edu",
        imageRegistry: "mirror.example:5000/hub",
        postgresMemoryMb: 1024,
        redisMemoryMb: 64,
        redpandaMemoryMb: 2048,
        consoleMemoryMb: 256,
        healthTimeoutSeconds: 30,
        protect: true,
        migrationLockTimeoutMs: 250,
        migrationStatementTimeoutMs: 0,
        migrationWaitMs: 500,
        migrationAllowOutOfOrder: true,
        extraTopics: [{ name: "trial", partitions: 4, retentionDays: 2 }],
      }));
    }),
  );

  it("pulls every image from the mirror", () => {
    assert.deepStrictEqual(
      recorded.all(TYPES.image).map(({ inputs }) => String(inputs.name)),
      [
        "mirror.example:5000/hub/library/postgres:16-alpine",
        "mirror.example:5000/hub/library/redis:7.4-alpine",
        "mirror.example:5000/hub/library/redis:7.4-alpine",
        "mirror.example:5000/hub/redpandadata/console:v3.12.0",
        "mirror.example:5000/hub/redpandadata/redpanda:v26.2.3",
      ],
    );
  });

  it("uses the configured limits and timeouts, and still publishes on the loopback address only", () => {
    const limits = recorded
      .all(TYPES.container)
      .map(({ inputs }) => [
        inputs.name,
        inputs.memory,
        inputs.memorySwap,
        inputs.waitTimeout,
        [...new Set((inputs.ports as { ip: string }[]).map(({ ip }) => ip))].join(),
      ]);
    assert.deepStrictEqual(limits, [
      ["edu-postgres", 1024, 1024, 30, "127.0.0.1"],
      ["edu-redis", 64, 64, 30, "127.0.0.1"],
      ["edu-redis-session", 64, 64, 30, "127.0.0.1"],
      ["edu-redpanda-console", 256, 256, 30, "127.0.0.1"],
      ["edu-redpanda", 2048, 2048, 30, "127.0.0.1"],
    ]);
  });

  it("passes the timeouts of migrations to each database", () => {
    for (const { inputs } of recorded.all(TYPES.migrations)) {
      const { lockTimeoutMs, statementTimeoutMs, waitForLockMs, allowOutOfOrder } = inputs;
      assert.deepStrictEqual(
        { lockTimeoutMs, statementTimeoutMs, waitForLockMs, allowOutOfOrder },
        { lockTimeoutMs: 250, statementTimeoutMs: 0, waitForLockMs: 500, allowOutOfOrder: true },
      );
    }
  });

  it(
    "protects all volumes, databases and topics except those that may lose their data",
    loading(async () => {
      const given = ["edu-postgres-data", "user_service_db", "user-events", "trial"];
      const { recorded: released } = await runProgram("staging", {
        ...DEV_SETTINGS,
        namePrefix: "edu",
        protect: true,
        allowDataLoss: given,
        extraTopics: [{ name: "trial", partitions: 4 }],
      });
      const types = [TYPES.volume, TYPES.database, TYPES.topic];
      const open = types
        .flatMap((type) => released.all(type))
        .filter(({ protect }) => !protect)
        .map(({ inputs }) => String(inputs.name));
      assert.deepStrictEqual(open.sort(), given.sort());
    }),
  );

  it("creates its own topics in addition to the platform's, and protects them too", () => {
    const { inputs, protect } = recorded.only(TYPES.topic, "events-trial");
    assert.deepStrictEqual(inputs, {
      name: "trial",
      partitions: 4,
      replicationFactor: 1,
      config: {
        "cleanup.policy": "delete",
        "retention.ms": "172800000",
        "compression.type": "snappy",
      },
    });
    assert.strictEqual(protect, true);
    assert.strictEqual(recorded.all(TYPES.topic).length, platformTopics + 1);
  });
});

describe("the program, with names that are too long or invalid for a host", () => {
  const LONGEST = `Team_${"x".repeat(95)}`;
  const cases: [title: string, stack: string, settings: Settings][] = [
    ["the longest name of a stack", LONGEST, {}],
    ["the longest allowed prefix", "dev", { namePrefix: "e".repeat(41) }],
  ];
  for (const [title, stack, settings] of cases) {
    it(
      `gives containers valid and distinct host names from ${title}`,
      loading(async () => {
        const { recorded } = await runProgram(stack, settings);
        const containers = recorded.all(TYPES.container).map(({ inputs }) => inputs);
        for (const { name, hostname, networksAdvanced } of containers) {
          assert.match(name, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
          assert.strictEqual(hostname, name);
          assert.deepStrictEqual(networksAdvanced[0].aliases, [name]);
        }
        assert.strictEqual(new Set(containers.map(({ name }) => String(name))).size, 5);
      }),
    );
  }
});
