import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

import { parse } from "yaml";

import { firstPorts } from "../../../../config";
import { DATABASES, SERVICES } from "../../../support/contract";
import {
  generatedPassword,
  NETWORK_GATEWAY,
  passwordsIn,
  type Recorded,
  TYPES,
} from "../../support/mocks";
import { DEV_SETTINGS, devProgram, loading, ROOT, runProgram } from "../../support/program";
import type { RecordedResource } from "../../support/requests";

interface Expected {
  /** Name of the component, with which its resources' names begin. */
  component: string;
  container: string;
  image: string;
  memoryMb: number;
  /** Ports of the container by those of the host. */
  ports: Record<number, number>;
  /** Where the data lies; absent where there is none. */
  data?: string;
  graceSeconds: number;
  stopSignal?: string;
  /** What the health check does, in one line. */
  health: RegExp[];
}

const CONTAINERS: Expected[] = [
  {
    component: "postgres",
    container: "learning-platform-postgres",
    image: "postgres:16-alpine",
    memoryMb: 512,
    ports: { 5432: 5432 },
    data: "/var/lib/postgresql/data",
    graceSeconds: 60,
    stopSignal: "SIGINT",
    health: [/ pg_isready /, / -h 127\.0\.0\.1 /],
  },
  {
    component: "redis",
    container: "learning-platform-redis",
    image: "redis:7.4-alpine",
    memoryMb: 128,
    ports: { 6379: 6379 },
    data: "/data",
    graceSeconds: 30,
    health: [/redis-cli -h 127\.0\.0\.1 /, / ping \| grep -q PONG$/],
  },
  {
    component: "redis-session",
    container: "learning-platform-redis-session",
    image: "redis:7.4-alpine",
    memoryMb: 128,
    ports: { 6380: 6379 },
    data: "/data",
    graceSeconds: 30,
    health: [/redis-cli -h 127\.0\.0\.1 /, / ping \| grep -q PONG$/],
  },
  {
    component: "redpanda",
    container: "learning-platform-redpanda",
    image: "docker.redpanda.com/redpandadata/redpanda:v26.2.3",
    memoryMb: 1280,
    ports: { 19092: 19092, 18081: 8081, 19644: 9644 },
    data: "/var/lib/redpanda/data",
    graceSeconds: 30,
    health: [/\/dev\/tcp\/127\.0\.0\.1\//, /\b9644\b/, /\b8081\b/, /\b9092\b/],
  },
  {
    component: "redpanda-console",
    container: "learning-platform-redpanda-console",
    image: "docker.redpanda.com/redpandadata/console:v3.12.0",
    memoryMb: 512,
    ports: { 8080: 8080 },
    graceSeconds: 5,
    health: [/http:\/\/127\.0\.0\.1:8080\//],
  },
];

const LABELS = {
  project: "learning-platform",
  stack: "dev",
  "first-port": String(firstPorts("dev")[0]),
  state: `${hostname()}:${join(ROOT, ".platform/state")}`,
};

/** The platform's labels by the end of their names, without the time of the run. */
function labelsOf({ labels }: Record<string, unknown>): Record<string, string> {
  const entries = (labels as { label: string; value: string }[]).map(
    ({ label, value }) => [label.replace(/^learning-platform\./, ""), value] as const,
  );
  const { created, ...others } = Object.fromEntries(entries);
  assert.ok(Math.abs(Date.parse(created) - Date.now()) < 600_000, created);
  return others;
}

interface Upload {
  file: string;
  content: string;
  permissions: string;
}

describe("containers", () => {
  let recorded: Recorded;
  before(loading(async () => ({ recorded } = await devProgram())));

  const containerOf = (component: string) =>
    recorded.only(TYPES.container, `${component}-container`);
  const uploadsOf = (component: string) => containerOf(component).inputs.uploads as Upload[];
  const upload = (component: string, file: string) => {
    const found = uploadsOf(component).find((one) => one.file === file);
    assert.ok(found, `${component} has no ${file}`);
    return found;
  };

  /** Asserts that what a provider creates waits for the server, directly or by what it waits for. */
  function assertAllWait(provider: string, server: string) {
    const dependencies = new Map(recorded.resources.map(({ key, dependsOn }) => [key, dependsOn]));
    const waits = (key: string): boolean =>
      key === server || (dependencies.get(key) ?? []).some(waits);
    const created = recorded.resources.filter((resource) => resource.provider === provider);
    assert.ok(created.length > 10, `${created.length} resources`);
    assert.deepStrictEqual(
      created.filter(({ key }) => !waits(key)).map(({ key }) => key),
      [],
    );
  }

  it("are the five of the contract", () => {
    const names = recorded.all(TYPES.container).map(({ inputs }) => String(inputs.name));
    assert.deepStrictEqual(names.sort(), CONTAINERS.map(({ container }) => container).sort());
  });

  it("share one bridge network, labelled with its stack", () => {
    const { labels, ...inputs } = recorded.only(TYPES.network).inputs;
    assert.deepStrictEqual(inputs, { name: "learning-platform-network", driver: "bridge" });
    assert.deepStrictEqual(labelsOf({ labels }), LABELS);
  });

  it("keep their labels, and so do volumes and network, in later runs", () => {
    const labelled = recorded.resources.filter(({ inputs }) => "labels" in inputs);
    assert.ok(labelled.length >= 10);
    for (const { key, ignoreChanges } of labelled) {
      assert.ok(ignoreChanges.includes("labels"), key);
    }
  });

  it("keep their network if the engine reports address options that the program never set", () => {
    assert.deepStrictEqual(recorded.only(TYPES.network).ignoreChanges, ["ipamOptions", "labels"]);
  });

  for (const expected of CONTAINERS) {
    const { component, container } = expected;

    describe(container, () => {
      let resource: RecordedResource;
      // eslint-disable-next-line @typescript-eslint/no-explicit-any
      let inputs: Record<string, any>;
      before(() => {
        resource = containerOf(component);
        ({ inputs } = resource);
      });

      it("runs an image with an explicit tag, which stays on the host after the stack", () => {
        const image = recorded.only(TYPES.image, `${component}-image`);
        assert.deepStrictEqual(image.inputs, { name: expected.image, keepLocally: true });
        assert.strictEqual(inputs.image, `sha256:id-of-${component}-image`);
      });

      it("has its name as host name and on the network", () => {
        assert.strictEqual(inputs.name, container);
        assert.strictEqual(inputs.hostname, container);
        assert.strictEqual(inputs.networkMode, "bridge");
        assert.deepStrictEqual(inputs.networksAdvanced, [
          { name: "learning-platform-network", aliases: [container] },
        ]);
      });

      it("publishes its ports only on the loopback address", () => {
        const ports = Object.entries(expected.ports).map(([external, internal]) => ({
          internal,
          external: Number(external),
          ip: "127.0.0.1",
        }));
        const byPort = (a: { external: number }, b: { external: number }) =>
          a.external - b.external;
        assert.deepStrictEqual([...inputs.ports].sort(byPort), ports.sort(byPort));
      });

      it("has a memory limit and no swap", () => {
        assert.strictEqual(inputs.memory, expected.memoryMb);
        assert.strictEqual(inputs.memorySwap, expected.memoryMb);
      });

      it("restarts with the engine, and has time for a graceful stop", () => {
        const { restart, stopSignal, stopTimeout, destroyGraceSeconds, mustRun } = inputs;
        assert.deepStrictEqual(
          { restart, stopSignal, stopTimeout, destroyGraceSeconds, mustRun },
          {
            restart: "unless-stopped",
            stopSignal: expected.stopSignal,
            stopTimeout: expected.graceSeconds,
            destroyGraceSeconds: expected.graceSeconds,
            mustRun: true,
          },
        );
      });

      it("has labels with its stack", () => {
        assert.deepStrictEqual(labelsOf(inputs), LABELS);
      });

      it("limits the size of its logs", () => {
        const { logDriver, logOpts } = inputs;
        assert.strictEqual(logDriver, "json-file");
        assert.deepStrictEqual(logOpts, { "max-size": "10m", "max-file": "3" });
      });

      it("counts as created only when its service answers over TCP", () => {
        const { tests, ...pace } = inputs.healthcheck;
        assert.deepStrictEqual(pace, {
          interval: "100ms",
          timeout: "15s",
          retries: 5,
        });
        for (const part of expected.health) {
          assert.match(tests.join(" "), part);
        }
        assert.strictEqual(inputs.wait, true);
        assert.strictEqual(inputs.waitTimeout, 90);
      });

      it("is replaced when its health check changes", () => {
        assert.deepStrictEqual(resource.replaceOnChanges, ["healthcheck"]);
        assert.strictEqual(resource.deleteBeforeReplace, true);
      });

      it(expected.data ? "keeps its data on a volume that outlives it" : "keeps no data", () => {
        const volumes = recorded
          .all(TYPES.volume)
          .filter(({ name }) => name === `${component}-data`);
        const wanted = expected.data
          ? [{ name: `${container}-data`, labels: LABELS }]
          : ([] as unknown[]);
        assert.deepStrictEqual(
          volumes.map((volume) => ({ ...volume.inputs, labels: labelsOf(volume.inputs) })),
          wanted,
        );
        assert.deepStrictEqual(
          inputs.volumes,
          expected.data
            ? [{ volumeName: `${container}-data`, containerPath: expected.data }]
            : undefined,
        );
      });

      it("has its passwords only in uploaded files, as secrets", () => {
        const { uploads, ...described } = inputs;
        assert.deepStrictEqual(passwordsIn(recorded, [JSON.stringify(described)]), []);
        const hasSecret = passwordsIn(recorded, [JSON.stringify(uploads ?? [])]).length > 0;
        assert.strictEqual(hasSecret, true);
        assert.ok(
          resource.secretInputs.some((path) => path.startsWith("uploads")),
          "uploads are not secret",
        );
      });
    });
  }

  it("of stateful services have a volume each, and there is no other", () => {
    const names = recorded.all(TYPES.volume).map(({ name }) => name);
    assert.deepStrictEqual(names, [
      "postgres-data",
      "redis-data",
      "redis-session-data",
      "redpanda-data",
    ]);
  });

  describe("PostgreSQL", () => {
    it("reads the superuser's password from a file that belongs to root", () => {
      const file = "/etc/platform/postgres-password";
      assert.deepStrictEqual(upload("postgres", file), {
        file,
        content: generatedPassword("postgres-password"),
        permissions: "0400",
      });
      assert.ok(containerOf("postgres").inputs.envs.includes(`POSTGRES_PASSWORD_FILE=${file}`));
    });

    it("asks for a password everywhere, also inside the container", () => {
      const initdb = (containerOf("postgres").inputs.envs as string[]).find((env) =>
        env.startsWith("POSTGRES_INITDB_ARGS="),
      );
      assert.match(initdb ?? "", /--auth-local=scram-sha-256/);
      assert.match(initdb ?? "", /--auth-host=scram-sha-256/);
    });

    it("lets the superuser in from the host, and each service's roles into their database", () => {
      const { content, permissions } = upload("postgres", "/etc/platform/pg_hba.conf");
      assert.strictEqual(permissions, "0444");
      assert.deepStrictEqual(content.split("\n"), [
        "# TYPE DATABASE USER ADDRESS METHOD",
        "local all postgres scram-sha-256",
        `host all postgres ${NETWORK_GATEWAY}/32 scram-sha-256`,
        "host all postgres samehost scram-sha-256",
        "host all postgres samenet reject",
        "host all postgres all scram-sha-256",
        ...Object.values(DATABASES).map(
          ({ database, prefix }) =>
            `host ${database} ${prefix}_migrator,${prefix}_app,${prefix}_readonly all scram-sha-256`,
        ),
        "",
      ]);
    });

    it("starts with these settings", () => {
      const [server, ...args] = containerOf("postgres").inputs.command as string[];
      assert.strictEqual(server, "postgres");
      const settings = args.filter((_, index) => index % 2 === 1);
      assert.deepStrictEqual(
        args.filter((_, index) => index % 2 === 0),
        settings.map(() => "-c"),
      );
      for (const setting of [
        "shared_buffers=128MB",
        "password_encryption=scram-sha-256",
        "hba_file=/etc/platform/pg_hba.conf",
        "timezone=UTC",
        "max_parallel_workers_per_gather=0",
        "log_statement=none",
        "log_min_error_statement=panic",
      ]) {
        assert.ok(settings.includes(setting), setting);
      }
    });

    it("has room for every role's connections, all pools of the provider and three people", () => {
      const limits = recorded
        .all(TYPES.role)
        .map(({ inputs }) => Number(inputs.connectionLimit ?? 0));
      const sum = limits.reduce((a, b) => a + b, 0);
      const command = containerOf("postgres").inputs.command as string[];
      const { maxConnections } = recorded.only(TYPES.postgresqlProvider).inputs;
      const pools = Number(maxConnections) * (SERVICES.length + 1);
      assert.ok(command.includes(`max_connections=${sum + pools + 3}`), command.join(" "));
    });

    it("is reached by a provider, and waited for by all that lives on it", () => {
      const provider = recorded.only(TYPES.postgresqlProvider);
      assert.deepStrictEqual(provider.inputs, {
        host: "localhost",
        port: "5432",
        username: "postgres",
        password: generatedPassword("postgres-password"),
        sslmode: "disable",
        superuser: "true",
        expectedVersion: "16.0.0",
        // One for each database that waits for a lock, one for the holder's work, one for roles.
        maxConnections: `${SERVICES.length + 2}`,
        connectTimeout: "15",
      });
      assert.deepStrictEqual(provider.secretInputs, ["password"]);
      assertAllWait(provider.key, containerOf("postgres").key);
    });
  });

  describe("Redis", () => {
    const purposes: [component: string, settings: string[], absent: RegExp][] = [
      ["redis", ["maxmemory-policy allkeys-lfu", "appendonly no"], /appendonly yes|noeviction/],
      [
        "redis-session",
        ["maxmemory-policy noeviction", "appendonly yes", "appendfsync everysec"],
        /appendonly no\b|allkeys|volatile/,
      ],
    ];
    for (const [component, settings, absent] of purposes) {
      it(`${component} has the settings for its purpose`, () => {
        const { content } = upload(component, "/etc/platform/redis.conf");
        for (const setting of [...settings, "maxmemory 96mb"]) {
          assert.ok(content.split("\n").includes(setting), setting);
        }
        assert.doesNotMatch(content, absent);
      });

      it(`${component} starts with the administrator, the health check's user and no default user`, () => {
        const { content, permissions } = upload(component, "/etc/platform/users.acl");
        assert.deepStrictEqual(
          content
            .split("\n")
            .filter(Boolean)
            .map((line) => line.split(" ").slice(0, 3).join(" ")),
          ["user default off", "user platform-admin on", "user healthcheck on"],
        );
        assert.strictEqual(permissions, "0400");
      });
    }
  });

  describe("Redpanda", () => {
    const yaml = (file: string) => parse(upload("redpanda", file).content);

    it("advertises the published listener as localhost and the published port", () => {
      const { redpanda } = yaml("/etc/platform/redpanda.yaml");
      const published = containerOf("redpanda").inputs.ports as {
        internal: number;
        external: number;
      }[];
      const listeners = redpanda.kafka_api as { name: string; port: number }[];
      const open = listeners.filter(({ port }) =>
        published.some(({ internal }) => internal === port),
      );
      assert.deepStrictEqual(
        open.map(({ name, port }) => ({ name, port })),
        [{ name: "external", port: 19092 }],
      );
      assert.deepStrictEqual(redpanda.advertised_kafka_api, [
        { name: "internal", address: "learning-platform-redpanda", port: 9092 },
        { name: "external", address: "localhost", port: 19092 },
      ]);
    });

    it("starts with an administrator that is a superuser, and does not create topics by itself", () => {
      assert.strictEqual(
        upload("redpanda", "/etc/platform/bootstrap-user").content,
        `platform-admin:${generatedPassword("redpanda-password")}:SCRAM-SHA-256`,
      );
      const bootstrap = yaml("/etc/redpanda/.bootstrap.yaml");
      assert.deepStrictEqual(bootstrap.superusers, ["platform-admin"]);
      assert.strictEqual(bootstrap.kafka_enable_authorization, true);
      assert.strictEqual(bootstrap.auto_create_topics_enabled, false);
    });

    it("leaves part of the container's memory to the system", () => {
      const command = containerOf("redpanda").inputs.command as string[];
      assert.strictEqual(command[command.indexOf("--memory") + 1], "1024M");
      assert.strictEqual(command[command.indexOf("--smp") + 1], "1");
    });

    it("acknowledges only records that are on disk, unlike its mode's default", () => {
      const command = containerOf("redpanda").inputs.command as string[];
      assert.deepStrictEqual(command.slice(0, 2), ["--mode", "dev-container"]);
      assert.ok(command.includes("--unsafe-bypass-fsync=false"), command.join(" "));
    });

    describe("when it starts", () => {
      let folder: string;
      beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "broker-start-"));
        for (const name of ["etc/platform", "etc/redpanda", "data", "bin"]) {
          mkdirSync(join(folder, name), { recursive: true });
        }
        writeFileSync(join(folder, "etc/platform/redpanda.yaml"), "uploaded\n", { mode: 0o444 });
        writeFileSync(join(folder, "etc/platform/bootstrap-user"), "admin:secret:SCRAM-SHA-256");
        writeFileSync(
          join(folder, "bin/rpk"),
          `#!/bin/sh\ncat ${folder}/etc/redpanda/redpanda.yaml; echo "$RP_BOOTSTRAP_USER|$*"\n`,
          { mode: 0o755 },
        );
      });
      afterEach(() => rmSync(folder, { recursive: true }));

      function start(): string[] {
        const [shell, ...rest] = containerOf("redpanda").inputs.entrypoints as string[];
        const moved = rest.map((part) =>
          part
            .replaceAll("/etc/", `${folder}/etc/`)
            .replaceAll("/var/lib/redpanda/data", `${folder}/data`),
        );
        const { stdout, stderr } = spawnSync(shell, [...moved, "--smp", "1"], {
          encoding: "utf8",
          // From a socket bash would read its user's settings.
          stdio: ["ignore", "pipe", "pipe"],
          env: { PATH: `${folder}/bin:${process.env.PATH}` },
        });
        assert.strictEqual(stderr, "");
        return stdout.trim().split("\n");
      }

      it("copies its configuration, at each start, to a file that rpk may replace", () => {
        start();
        assert.strictEqual(
          statSync(join(folder, "etc/redpanda/redpanda.yaml")).uid,
          process.getuid!(),
        );
        rmSync(join(folder, "etc/redpanda/redpanda.yaml"));
        writeFileSync(join(folder, "etc/redpanda/redpanda.yaml"), "changed\n", { mode: 0o444 });
        assert.deepStrictEqual(start()[0], "uploaded");
      });

      it("has the administrator's password in its environment only until it was healthy once", () => {
        assert.deepStrictEqual(start()[1], "admin:secret:SCRAM-SHA-256|redpanda start --smp 1");
        writeFileSync(join(folder, "data/.platform-started"), "");
        assert.deepStrictEqual(start()[1], "|redpanda start --smp 1");
      });

      it("does not start if the configuration cannot be copied", () => {
        rmSync(join(folder, "etc/platform/redpanda.yaml"));
        assert.throws(start, /No such file or directory/);
      });
    });

    it("is reached by a provider that logs in with SCRAM, without TLS, and waited for by all that lives on it", () => {
      const provider = recorded.only(TYPES.kafkaProvider);
      const { skipTlsVerify, ...inputs } = provider.inputs;
      assert.deepStrictEqual(inputs, {
        bootstrapServers: '["localhost:19092"]',
        saslUsername: "platform-admin",
        saslPassword: generatedPassword("redpanda-password"),
        saslMechanism: "scram-sha256",
        tlsEnabled: "false",
      });
      assert.strictEqual(skipTlsVerify, "false", "the SDK's default");
      assert.deepStrictEqual(provider.secretInputs, ["saslPassword"]);
      assertAllWait(provider.key, containerOf("redpanda").key);
    });
  });

  describe("Redpanda Console", () => {
    it("waits for a user of its own, and logs in with it", () => {
      const password = generatedPassword("events-platform-console-password");
      const login = { username: "platform-console", password };
      assert.deepStrictEqual(
        parse(upload("redpanda-console", "/etc/platform/console.yaml").content),
        {
          kafka: {
            brokers: ["learning-platform-redpanda:9092"],
            sasl: { enabled: true, mechanism: "SCRAM-SHA-256", ...login },
          },
          server: { listenPort: 8080 },
        },
        "everybody who opens the page uses this login, so that it has none for the schema registry",
      );
      const user = recorded.only(TYPES.kafkaUser, "events-platform-console").key;
      assert.ok(containerOf("redpanda-console").dependsOn.includes(user));
      const image = recorded.only(TYPES.image, "redpanda-console-image");
      assert.ok(!image.dependsOn.includes(user), "the image waits for nobody");
    });

    it("knows its memory limit, at which it would be killed without a message", () => {
      const envs = containerOf("redpanda-console").inputs.envs as string[];
      assert.ok(envs.includes("GOMEMLIMIT=460MiB"), envs.join(" "));
    });

    it("logs in to the schema registry if the stack's configuration says so", async () => {
      const { recorded: withSchemas } = await runProgram("dev", {
        ...DEV_SETTINGS,
        consoleSchemaRegistry: true,
      });
      const { uploads } = withSchemas.only(TYPES.container, "redpanda-console-container")
        .inputs as {
        uploads: Upload[];
      };
      const config = uploads.find(({ file }) => file === "/etc/platform/console.yaml")!.content;
      const { schemaRegistry } = parse(config);
      assert.deepStrictEqual(schemaRegistry.urls, ["http://learning-platform-redpanda:8081"]);
      assert.strictEqual(schemaRegistry.authentication.basic.username, "platform-console");
    });
  });
});
