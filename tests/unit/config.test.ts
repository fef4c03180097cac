import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { PORTS_PER_BLOCK } from "../../catalog/servers";
import { firstPorts, parseConfig } from "../../config";
import { DEV_SETTINGS, engineConfig, PROJECT_FILE, type Settings } from "./support/program";

const PORT_KEYS = [
  "postgresPort",
  "redisPort",
  "redisSessionPort",
  "kafkaPort",
  "schemaRegistryPort",
  "redpandaAdminPort",
  "consolePort",
  "prometheusPort",
  "grafanaPort",
  "postgresReplica1Port",
  "postgresReplica2Port",
  "redisSessionReplicaPort",
  "redis2Port",
  "redis3Port",
  "kafka2Port",
  "kafka3Port",
] as const;

const parse = (stack: string, settings: Settings) => parseConfig(stack, engineConfig(settings));

/** The lines below the heading, which names the stack. */
function faultsOf(settings: Settings): string[] {
  let message = "";
  assert.throws(
    () => parse("dev", settings),
    (error) => {
      assert.ok(error instanceof pulumi.RunError, "an error of configuration has no stack trace");
      ({ message } = error);
      return true;
    },
  );
  const [heading, ...faults] = message.split("\n");
  assert.strictEqual(heading, "The configuration of stack dev is invalid:");
  return faults.map((line) => line.trim());
}

const topic = (more: Settings) => ({ extraTopics: [{ name: "trial", partitions: 1, ...more }] });

describe("the configuration", () => {
  it("of dev holds the contract's names and ports", () => {
    assert.deepStrictEqual(parse("dev", DEV_SETTINGS), {
      stack: "dev",
      namePrefix: "learning-platform",
      firstPort: firstPorts("dev")[0],
      postgresPort: 5432,
      redisPort: 6379,
      redisSessionPort: 6380,
      kafkaPort: 19092,
      schemaRegistryPort: 18081,
      redpandaAdminPort: 19644,
      consolePort: 8080,
      prometheusPort: 9090,
      grafanaPort: 3000,
      postgresReplica1Port: 5433,
      postgresReplica2Port: 5434,
      redisSessionReplicaPort: 6381,
      redis2Port: 6382,
      redis3Port: 6383,
      kafka2Port: 19_093,
      kafka3Port: 19_094,
      postgresServer: undefined,
      redisServer: undefined,
      redisSessionServer: undefined,
      redisSessionReplica: false,
      redisCacheCluster: false,
      kafkaCluster: undefined,
      schemaRegistry: undefined,
      postgresReplicas: 0,
      walArchive: undefined,
      sharedServers: false,
      sharedPrefix: "",
      brokers: 1,
      console: true,
      monitoring: false,
      grafana: true,
      alertWebhook: "",
      imageRegistry: "",
      postgresImage: "postgres:16-alpine",
      postgresMajor: 16,
      redisImage: "redis:7.4-alpine",
      redpandaImage: "docker.redpanda.com/redpandadata/redpanda:v26.2.3",
      consoleImage: "docker.redpanda.com/redpandadata/console:v3.12.0",
      prometheusImage: "prom/prometheus:v3.5.0",
      alertmanagerImage: "prom/alertmanager:v0.28.1",
      postgresExporterImage: "quay.io/prometheuscommunity/postgres-exporter:v0.18.1",
      redisExporterImage: "oliver006/redis_exporter:v1.80.0-alpine",
      grafanaImage: "grafana/grafana:12.2.0",
      walArchiverImage: "ghcr.io/cloudnative-pg/plugin-barman-cloud-base:3.17.0-202601131704",
      postgresMemoryMb: 512,
      redisMemoryMb: 128,
      redpandaMemoryMb: 1280,
      consoleMemoryMb: 512,
      prometheusMemoryMb: 256,
      alertmanagerMemoryMb: 64,
      exporterMemoryMb: 64,
      grafanaMemoryMb: 256,
      walArchiverMemoryMb: 512,
      consoleSchemaRegistry: false,
      eventSchemas: true,
      tls: false,
      tlsDirectory: "",
      tlsCertificateDays: 365,
      healthTimeoutSeconds: 90,
      protect: false,
      fsync: true,
      timeToLiveHours: 0,
      allowDataLoss: [],
      extraTopics: [{ name: "test-topic", partitions: 3, retentionDays: 1 }],
      backupTo: "",
      backupRecipient: "",
      backupEveryHours: 0,
      backupKeep: 30,
      migrationLockTimeoutMs: 500,
      migrationStatementTimeoutMs: 600_000,
      migrationWaitMs: 60_000,
      migrationAllowOutOfOrder: false,
    });
  });

  it("derives name and ports from the stack's name, the same in each run", () => {
    const config = parse("pr-7", {});
    assert.strictEqual(config.namePrefix, "learning-platform-pr-7");
    const ports = PORT_KEYS.map((key) => config[key]);
    assert.deepStrictEqual(
      ports,
      PORT_KEYS.map((_, index) => ports[0] + index),
    );
    assert.strictEqual(ports[0] % PORTS_PER_BLOCK, 0);
    assert.ok(ports[0] >= 20_000 && ports[0] < 30_000);
    assert.deepStrictEqual(parse("pr-7", {}), config);
  });

  it("takes ports that are 0 from the first port on, where it is set", () => {
    const config = parse("pr-7", { firstPort: 24_000, kafkaPort: 29_092 });
    assert.deepStrictEqual(
      PORT_KEYS.map((key) => config[key]),
      PORT_KEYS.map((key, index) => (key === "kafkaPort" ? 29_092 : 24_000 + index)),
    );
  });

  it("has further blocks of ports for a stack whose own one is taken, each once", () => {
    const blocks = firstPorts("pr-7");
    assert.strictEqual(blocks[0], parse("pr-7", {}).firstPort);
    assert.strictEqual(new Set(blocks).size, 500);
    assert.ok(blocks.every((first) => first >= 20_000 && first <= 29_980 && first % 20 === 0));
  });

  it("publishes no port at the end of a block, which runs hold while they create a stack", () => {
    assert.ok(PORT_KEYS.length < PORTS_PER_BLOCK);
  });

  it("gives each of many stacks ports of its own, none of them dev's", () => {
    const dev = parse("dev", DEV_SETTINGS);
    const taken = new Set<number>(PORT_KEYS.map((key) => dev[key]));
    const stacks = ["pr-1", "pr-2", "pr-3", "pr-7", "staging", "production"];
    for (const config of stacks.map((stack) => parse(stack, {}))) {
      for (const key of PORT_KEYS) {
        assert.ok(!taken.has(config[key]), `${config.stack} ${key} ${config[key]}`);
        taken.add(config[key]);
      }
    }
  });

  const prefixes: [title: string, stack: string, prefix: string][] = [
    ["a name that is sound", "pr-7", "learning-platform-pr-7"],
    ["a lower-case letter", "a", "learning-platform-a"],
    ["the same letter as a capital", "A", "learning-platform-a-559aea"],
    ["capitals among others", "Staging", "learning-platform-staging-a8e7ac"],
    ["an underscore", "pr_7", "learning-platform-pr-7-36bb3c"],
    ["a dot", "pr.7", "learning-platform-pr-7-1b9600"],
    ["the longest name that fits", "a".repeat(22), `learning-platform-${"a".repeat(22)}`],
    ["one letter more", "a".repeat(23), `learning-platform-${"a".repeat(15)}-897d3e`],
    [
      "the longest of Pulumi's names",
      "a".repeat(100),
      `learning-platform-${"a".repeat(15)}-281659`,
    ],
  ];
  for (const [title, stack, prefix] of prefixes) {
    it(`derives a prefix that is valid in a host's name from ${title}`, () => {
      const { namePrefix } = parse(stack, {});
      assert.strictEqual(namePrefix, prefix);
      assert.match(namePrefix, /^[a-z0-9-]{1,40}$/);
    });
  }

  it("derives different prefixes for names that differ only in the lost characters", () => {
    const long = "b".repeat(99);
    const stacks = [
      ...["a", "A", "pr-7", "pr_7", "pr.7", "PR-7", "Pr-7"],
      ...[`${long}1`, `${long}2`, `${long}_`],
    ];
    const derived = stacks.map((stack) => parse(stack, {}).namePrefix);
    assert.strictEqual(new Set(derived).size, stacks.length, derived.join(" "));
  });

  it("does not change a configured prefix", () => {
    const longest = "e".repeat(41);
    assert.strictEqual(parse("Staging_1", { namePrefix: longest }).namePrefix, longest);
  });

  it("keeps a configured port and derives the others", () => {
    const derived = parse("pr-7", {});
    const given = parse("pr-7", { kafkaPort: 29_092 });
    assert.deepStrictEqual(given, { ...derived, kafkaPort: 29_092 });
  });

  it("accepts text that looks like a number for a key that takes text", () => {
    assert.strictEqual(parse("dev", { namePrefix: "123" }).namePrefix, "123");
  });

  for (const namespace of ["pulumi", "docker", "kafka", "postgresql", "random"]) {
    it(`ignores the keys of ${namespace}`, () => {
      const values = { ...engineConfig({}), [`${namespace}:key`]: "value" };
      assert.deepStrictEqual(parseConfig("dev", values), parse("dev", {}));
    });
  }

  for (const key of ["aws:region", "learning-platfrom:redisPort", "redisPort", "pulumis:tags"]) {
    it(`refuses ${key}, which has an unknown namespace`, () => {
      assert.throws(() => parseConfig("dev", { ...engineConfig({}), [key]: "7000" }), {
        message: [
          "The configuration of stack dev is invalid:",
          `  ${key} has an unknown namespace; the keys of the platform begin with learning-platform:`,
        ].join("\n"),
      });
    });
  }

  it("has the keys of Pulumi.yaml, each with type, default and description there", () => {
    // The stack's name is no key: the engine hands it over apart. The prefix follows from it.
    const { stack, sharedPrefix, ...config } = parse("dev", {});
    assert.deepStrictEqual([stack, sharedPrefix], ["dev", ""]);
    assert.deepStrictEqual(Object.keys(config).sort(), Object.keys(PROJECT_FILE.config).sort());
    for (const [key, entry] of Object.entries(PROJECT_FILE.config)) {
      assert.ok(entry.type && entry.description && entry.default !== undefined, key);
    }
  });

  const accepted: [title: string, settings: Settings][] = [
    ["an image of a registry with a port", { postgresImage: "localhost:5000/postgres:16" }],
    ["an image by digest", { postgresImage: `postgres@sha256:${"a".repeat(64)}` }],
    ["a mirror with port and path", { imageRegistry: "mirror.example:5000/hub/cache" }],
    ["no limit on statements of migrations", { migrationStatementTimeoutMs: 0 }],
    ["the smallest memory", { postgresMemoryMb: 256, redisMemoryMb: 32, redpandaMemoryMb: 1024 }],
    ["the lowest and the highest port", { postgresPort: 1024, redisPort: 65_535 }],
    ["a topic with every field", topic({ retentionDays: 3_650, partitions: 10_000 })],
    ["a topic called like a property of every object", topic({ name: "constructor" })],
  ];
  for (const [title, settings] of accepted) {
    it(`accepts ${title}`, () => {
      assert.doesNotThrow(() => parse("dev", settings));
    });
  }

  type Case = [title: string, settings: Settings, faults: (string | RegExp)[]];
  const refused: Case[] = [
    ["a missing key", { kafkaPort: undefined }, ["learning-platform:kafkaPort is missing"]],
    [
      "a word for a port",
      { postgresPort: "high" },
      ['learning-platform:postgresPort must be a port number, got "high"'],
    ],
    [
      "a part of a port",
      { postgresPort: 5432.5 },
      ["learning-platform:postgresPort must be a port number, got 5432.5"],
    ],
    [
      "a port of the system's",
      { redisPort: 80 },
      ["learning-platform:redisPort must be a port from 1024 to 65535, or 0 to derive one, got 80"],
    ],
    [
      "a port beyond the last",
      { redisPort: 65_536 },
      [/^learning-platform:redisPort must be a port from 1024 to 65535, .* got 65536$/],
    ],
    [
      "two equal ports",
      { redisPort: 7000, consolePort: 7000 },
      ["learning-platform:consolePort must differ from redisPort: both are 7000"],
    ],
    [
      "three equal ports",
      { redisPort: 7000, kafkaPort: 7000, consolePort: 7000 },
      [
        "learning-platform:kafkaPort must differ from redisPort: both are 7000",
        "learning-platform:consolePort must differ from redisPort: both are 7000",
      ],
    ],
    [
      "an address to publish on, which is always the loopback one",
      { bindAddress: "0.0.0.0" },
      ["learning-platform:bindAddress is unknown; the keys are listed in Pulumi.yaml"],
    ],
    [
      "a prefix that Docker refuses",
      { namePrefix: "-Edu" },
      [
        'learning-platform:namePrefix must be 1 to 41 lower-case letters, digits and hyphens, got "-Edu"',
      ],
    ],
    [
      "a prefix too long for a host's name",
      { namePrefix: "a".repeat(42) },
      [/^learning-platform:namePrefix must be 1 to 41 /],
    ],
    [
      "an image without a tag",
      { postgresImage: "postgres" },
      ['learning-platform:postgresImage must have an explicit tag or digest, got "postgres"'],
    ],
    [
      "an image of another version of PostgreSQL than the data",
      { postgresImage: "postgres:17-alpine" },
      [
        'learning-platform:postgresImage is PostgreSQL 17, and postgresMajor is 16. To move a stack with its data: npm run upgrade -- --postgres "postgres:17-alpine". For a new stack, set postgresMajor, too',
      ],
    ],
    [
      "a version of PostgreSQL that the platform does not know",
      { postgresImage: "postgres:15-alpine", postgresMajor: 15 },
      ["learning-platform:postgresMajor must be 16, 17 or 18, got 15"],
    ],
    [
      "an image whose only colon is the registry's",
      { redisImage: "localhost:5000/redis" },
      [/^learning-platform:redisImage must have an explicit tag or digest, /],
    ],
    [
      "the tag latest",
      { redpandaImage: "redpandadata/redpanda:latest" },
      [
        'learning-platform:redpandaImage must not use the tag latest, which moves, got "redpandadata/redpanda:latest"',
      ],
    ],
    [
      "an image with a space",
      { consoleImage: "a console:1" },
      ['learning-platform:consoleImage must be the name of an image, got "a console:1"'],
    ],
    [
      "an image that docker would take for an option",
      { consoleImage: "--privileged:1" },
      ['learning-platform:consoleImage must be the name of an image, got "--privileged:1"'],
    ],
    [
      "an image in capitals at its beginning",
      { redisImage: "Redis:7" },
      ['learning-platform:redisImage must be the name of an image, got "Redis:7"'],
    ],
    [
      "a mirror that begins with a hyphen",
      { imageRegistry: "-mirror.example" },
      [
        'learning-platform:imageRegistry must be host[:port][/path] without a scheme, got "-mirror.example"',
      ],
    ],
    [
      "a mirror with a scheme",
      { imageRegistry: "https://mirror.example" },
      [/^learning-platform:imageRegistry must be host\[:port\]\[\/path\] without a scheme, /],
    ],
    [
      "a mirror with a slash at its end",
      { imageRegistry: "mirror.example/" },
      [/^learning-platform:imageRegistry must be host/],
    ],
    [
      "too little memory",
      { redpandaMemoryMb: 512 },
      ["learning-platform:redpandaMemoryMb must be 1024 to 1048576 MiB, got 512"],
    ],
    [
      "memory as text",
      { redisMemoryMb: "128m" },
      ['learning-platform:redisMemoryMb must be a whole number of MiB, got "128m"'],
    ],
    [
      "a wait that is too short",
      { healthTimeoutSeconds: 4 },
      ["learning-platform:healthTimeoutSeconds must be 5 to 3600 seconds, got 4"],
    ],
    [
      "protected data that a crash may damage",
      { protect: true, fsync: false },
      [
        "learning-platform:fsync must be true while protect is: a crash of the machine would damage the data",
      ],
    ],
    [
      "backups on a schedule without a place and a key",
      { backupEveryHours: 24 },
      [
        "learning-platform:backupTo must be set while backupEveryHours is more than 0",
        "learning-platform:backupRecipient must be set while backupEveryHours is more than 0",
      ],
    ],
    [
      "places and keys of backups that there are not",
      { backupTo: "ftp://server/a", backupRecipient: "AGE-SECRET-KEY-1A" },
      [
        'learning-platform:backupTo must be a folder or s3://BUCKET/PREFIX, got "ftp://server/a"',
        "learning-platform:backupRecipient must be a public key of age, which begins with age1",
      ],
    ],
    [
      "a block that ends beyond the last port",
      { firstPort: 65_530 },
      [
        "learning-platform:firstPort must be a port from 1024 to 65515, or 0 to derive one, got 65530",
      ],
    ],
    [
      "a word for a flag",
      { protect: "yes" },
      ['learning-platform:protect must be true or false, got "yes"'],
    ],
    [
      "a number for a flag",
      { migrationAllowOutOfOrder: 1 },
      ["learning-platform:migrationAllowOutOfOrder must be true or false, got 1"],
    ],
    [
      "a mistyped key",
      { postgressPort: 5432 },
      ["learning-platform:postgressPort is unknown; did you mean learning-platform:postgresPort?"],
    ],
    [
      "a key in other letters",
      { Redisport: 6379 },
      ["learning-platform:Redisport is unknown; did you mean learning-platform:redisPort?"],
    ],
    [
      "a key like none",
      { xyz: 1 },
      ["learning-platform:xyz is unknown; the keys are listed in Pulumi.yaml"],
    ],
    [
      "a name for a list of names",
      { allowDataLoss: "user-events" },
      [
        'learning-platform:allowDataLoss must be a list of names of topics, databases and volumes, got "user-events"',
      ],
    ],
    [
      "what is no name",
      { allowDataLoss: [7] },
      ["learning-platform:allowDataLoss[0] must be a name, got 7"],
    ],
    [
      "a topic for a list of topics",
      { extraTopics: { name: "trial", partitions: 1 } },
      [
        'learning-platform:extraTopics must be a list of topics, got {"name":"trial","partitions":1}',
      ],
    ],
    [
      "a topic with a bad name",
      topic({ name: "Trial Topic" }),
      [
        'learning-platform:extraTopics[0].name must be 1 to 249 lower-case letters, digits, dots and hyphens, got "Trial Topic"',
      ],
    ],
    [
      "a topic of the platform",
      topic({ name: "user-events" }),
      [
        'learning-platform:extraTopics[0].name must not be the name of a topic of the platform, got "user-events"',
      ],
    ],
    [
      "dead letters of the platform",
      topic({ name: "user-events-dlq" }),
      [/^learning-platform:extraTopics\[0\].name must not be the name of a topic of the platform/],
    ],
    [
      "a topic twice",
      {
        extraTopics: [
          { name: "trial", partitions: 1 },
          { name: "trial", partitions: 2 },
        ],
      },
      ["learning-platform:extraTopics[1].name repeats the topic trial"],
    ],
    [
      "a topic without its name",
      topic({ name: undefined }),
      ["learning-platform:extraTopics[0].name is missing"],
    ],
    [
      "a topic without partitions",
      topic({ partitions: undefined }),
      ["learning-platform:extraTopics[0].partitions is missing"],
    ],
    [
      "a topic with no partition",
      topic({ partitions: 0 }),
      ["learning-platform:extraTopics[0].partitions must be 1 to 10000 partitions, got 0"],
    ],
    [
      "a topic with partitions as text",
      topic({ partitions: "3" }),
      ['learning-platform:extraTopics[0].partitions must be a whole number of partitions, got "3"'],
    ],
    [
      "a topic kept for longer than ten years",
      topic({ retentionDays: 3_651 }),
      ["learning-platform:extraTopics[0].retentionDays must be 1 to 3650 days, got 3651"],
    ],
    [
      "a field that no topic has",
      topic({ replicas: 3 }),
      [
        "learning-platform:extraTopics[0].replicas is unknown; a topic has name, partitions, retentionDays",
      ],
    ],
  ];
  for (const [title, settings, expected] of refused) {
    it(`refuses ${title}, and names the key`, () => {
      const faults = faultsOf(settings);
      assert.strictEqual(faults.length, expected.length, faults.join("\n"));
      for (const [index, fault] of expected.entries()) {
        if (typeof fault === "string") {
          assert.strictEqual(faults[index], fault);
        } else {
          assert.match(faults[index], fault);
        }
      }
    });
  }

  it("lists all invalid keys at once", () => {
    const faults = faultsOf({
      postgressPort: 5432,
      postgresMemoryMb: 1,
      protect: "yes",
      redisImage: "redis",
      redisPort: 7000,
      kafkaPort: 7000,
      tlsDirectory: "certificates",
      extraTopics: [
        { name: "trial", partitions: 0, replicas: 3 },
        { name: "trial", partitions: 1 },
      ],
    });
    assert.deepStrictEqual(faults.map((fault) => fault.split(" ")[0]).sort(), [
      "learning-platform:extraTopics[0].partitions",
      "learning-platform:extraTopics[0].replicas",
      "learning-platform:extraTopics[1].name",
      "learning-platform:kafkaPort",
      "learning-platform:postgresMemoryMb",
      "learning-platform:postgressPort",
      "learning-platform:protect",
      "learning-platform:redisImage",
      "learning-platform:tlsDirectory",
    ]);
  });

  it("shortens a long value", () => {
    const [fault] = faultsOf({ postgresImage: "x".repeat(500) });
    assert.match(fault, /got "x{50,}\.\.\.$/);
    assert.ok(fault.length < 150);
  });
});
