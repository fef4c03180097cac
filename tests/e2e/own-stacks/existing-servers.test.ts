import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client } from "pg";
import { stringify } from "yaml";

import { ENGINE } from "../../../cli/engine/install";
import { run } from "../../../cli/machine/run";
import type { Report } from "../../../cli/verify/report";
import { type PostgresServer, startPostgres } from "../../sql/support/postgres";
import { Checkout, withoutStacksOfOthers } from "../support/checkout";
import { kafkaAs, type Outputs, withDatabase, withRedis } from "../support/clients";
import { docker } from "../support/docker";
import { readOutputs } from "../support/hooks";
import { outcome } from "../support/kafka";

const PG_ADMIN = "managed_admin";
const PASSPHRASE = "the team's";
/** The first two are given the passwords by the environment; the file of the third one holds them, encrypted. */
const STACKS = ["pr-71", "pr-72", "team"];
const TEAM = STACKS[2];
/**
 * Not stack dev, which other tests restart: Apache Kafka 3.9.1 may forget all users when it starts after some were deleted
 * (offline/fidelity.md).
 */
const SERVERS = "pr-70";
const PREFIXED = /^(pr-7[12]|team)-/;

describe("Several stacks on servers that exist, without a container of their own", () => {
  let postgres: PostgresServer;
  let backend: string;
  let checkout: Checkout;
  let environment: NodeJS.ProcessEnv;
  const outputs: Record<string, Outputs> = {};

  /** A stack whose Redis and broker the others take for servers that exist. */
  let servers: Checkout;
  let given: Outputs;

  const admins = () => given.administrators;
  const asSuperuser = async <T extends object>(statement: string) => {
    const { host, port, user, password } = postgres;
    const client = new Client({ host, port, user, password, database: "postgres" });
    await client.connect();
    try {
      return (await client.query<T>(statement)).rows;
    } finally {
      await client.end();
    }
  };
  const redisAdmin = () => {
    const { username, password } = admins().redis!;
    const { address } = given.accessPoints.redis;
    return `redis://${username}:${password}@${address}`;
  };

  /** Where the servers are; of the containers of another stack, and a PostgreSQL without a pg_hba.conf of ours. */
  function settings(): Record<string, unknown> {
    const { accessPoints } = given;
    const redis = (point: { address: string }) => ({
      ...{ nodes: [point.address], username: admins().redis!.username, tls: false },
    });
    const values = {
      postgresServer: { host: postgres.host, port: postgres.port, username: PG_ADMIN, tls: false },
      redisServer: redis(accessPoints.redis),
      redisSessionServer: redis(accessPoints.redisSession),
      kafkaCluster: {
        bootstrapServers: [accessPoints.kafka.address],
        ...{ username: admins().kafka.username, saslMechanism: "SCRAM-SHA-256", tls: false },
        ...{ superuser: true, replicationFactor: 1 },
      },
      schemaRegistry: { url: accessPoints.schemaRegistry.address },
      ...{ sharedServers: true, console: false, protect: false },
    };
    return Object.fromEntries(
      Object.entries(values).map(([key, value]) => [`learning-platform:${key}`, value]),
    );
  }

  const pulumi = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(ENGINE, [...args, "--non-interactive"], {
      ...{ cwd: checkout.root, env: { ...withoutStacksOfOthers(), ...environment } },
    });
    assert.equal(code, 0, stderr + stdout);
    return stdout;
  };
  const npmOk = async (command: string, stack: string) => {
    const { code, stdout, stderr } = await checkout.npm(
      command,
      ["--stack", stack],
      stack === TEAM ? teamEnvironment() : environment,
    );
    assert.equal(code, 0, stderr + stdout);
    return stdout;
  };
  /** Without the variables: the passwords are in the stack's file. */
  const teamEnvironment = () =>
    Object.fromEntries(
      Object.entries(environment).filter(([name]) => !name.startsWith("LEARNING_PLATFORM_")),
    );

  before(async () => {
    servers = new Checkout();
    await servers.npmOk("up", ["--stack", SERVERS]);
    given = await readOutputs(servers, SERVERS);
    postgres = await startPostgres({ timezone: "UTC" }, 18);
    await asSuperuser(`create role ${PG_ADMIN} login createdb createrole password 'pg-secret'`);
    // As on RDS, where the server's own databases belong to the administrator.
    await asSuperuser(`alter database postgres owner to ${PG_ADMIN}`);
    await asSuperuser(`alter database template1 owner to ${PG_ADMIN}`);
    backend = mkdtempSync(join(tmpdir(), "learning-platform-backend-"));
    checkout = new Checkout();
    environment = {
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
      LEARNING_PLATFORM_POSTGRES_PASSWORD: "pg-secret",
      LEARNING_PLATFORM_REDIS_PASSWORD: admins().redis!.password,
      LEARNING_PLATFORM_REDIS_SESSION_PASSWORD: admins().redisSession!.password,
      LEARNING_PLATFORM_KAFKA_PASSWORD: admins().kafka.password,
    };
    writeFileSync(checkout.path("Pulumi.pr.yaml"), stringify({ config: settings() }));
  });

  after(async () => {
    await servers.cleanUp(SERVERS);
    rmSync(checkout?.root ?? "", { recursive: true, force: true });
    rmSync(backend, { recursive: true, force: true });
    await postgres?.stop();
  });

  it("are refused before anything is made, where a password is wrong", async () => {
    const { code, stderr, stdout } = await checkout.npm("up", ["--stack", STACKS[0]], {
      ...environment,
      LEARNING_PLATFORM_POSTGRES_PASSWORD: "wrong",
    });
    assert.equal(code, 1, stdout);
    assert.match(stderr, /learning-platform:postgresServer\.password or username is wrong/);
    assert.doesNotMatch(await pulumi("stack", "ls"), new RegExp(STACKS[0]));
  });

  it("take passwords that the engine encrypts in the stack's own file", async () => {
    await pulumi("stack", "init", TEAM, "--no-select");
    writeFileSync(
      checkout.path(`Pulumi.${TEAM}.yaml`),
      stringify({
        ...{ encryptionsalt: await saltOf(TEAM) },
        config: settings(),
      }),
    );
    const secrets = {
      postgresServer: "pg-secret",
      redisServer: admins().redis!.password,
      redisSessionServer: admins().redisSession!.password,
      kafkaCluster: admins().kafka.password,
    };
    for (const [server, password] of Object.entries(secrets)) {
      const key = `learning-platform:${server}.password`;
      await pulumi("config", "set", "--secret", "--path", key, password, "--stack", TEAM);
    }
    const plan = await npmOk("preview", TEAM);
    assert.match(plan, /^Plan for stack team: \d+ to create/m);
  });

  const saltOf = async (stack: string) => {
    const { deployment } = JSON.parse(await pulumi("stack", "export", "--stack", stack)) as {
      deployment: { secrets_providers?: { state?: { salt?: string } } };
    };
    return deployment.secrets_providers?.state?.salt;
  };

  it("come up at the same time, each under names of its own", async () => {
    await Promise.all(STACKS.map((stack) => npmOk("up", stack)));
    for (const stack of STACKS) {
      const flags = ["--json", "--show-secrets", "--stack", stack];
      outputs[stack] = JSON.parse(await pulumi("stack", "output", ...flags)) as Outputs;
    }
    assert.equal(outputs[TEAM].services["user-service"].kafka.topicPrefix, "team-");
    const containers = await docker(
      ...["ps", "--all", "--format", '{{.Label "learning-platform.stack"}}'],
    );
    assert.ok(!STACKS.some((stack) => containers.split("\n").includes(stack)), containers);
  });

  it("have nothing to change in a second run", async () => {
    for (const stack of [STACKS[0], TEAM]) {
      assert.match(await npmOk("preview", stack), /^Plan for stack \S+: \d+ unchanged$/m);
    }
  });

  it("serve each service its database, keys and topics", async () => {
    for (const stack of STACKS) {
      const { database, cache, kafka, schemaRegistry } = outputs[stack].services["user-service"];
      await withDatabase(database.url, async (client) => {
        await client.query("select count(*) from users");
      });
      await withRedis(cache.url, async (client) => {
        await client.set(`${cache.keyPrefix}1`, stack);
        assert.equal(await client.get(`${cache.keyPrefix}1`), stack);
      });
      const producer = kafkaAs(kafka.bootstrapServers, kafka).producer();
      await producer.connect();
      const messages = [{ value: stack }];
      await producer.send({ topic: `${kafka.topicPrefix}user-events`, messages });
      await producer.disconnect();
      const { url, username, password } = schemaRegistry!;
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
      const answer = await fetch(`${url}/subjects`, { headers: { authorization } });
      assert.equal(answer.status, 200);
    }
  });

  it("are found right by verify, which asks only for what they have", async () => {
    const args = ["--stack", STACKS[0], "--json"];
    const { code, stdout } = await checkout.npm("verify", args, environment);
    const { lines } = JSON.parse(stdout) as Report;
    assert.deepEqual(
      lines.filter(({ verdict }) => verdict !== "right"),
      [],
    );
    assert.equal(code, 0);
    const areas = [
      "databases",
      "migrations",
      "functions",
      "roles",
      "connections",
      "redis",
      "broker",
      "schemas",
      "pages",
    ];
    assert.deepEqual([...new Set(lines.map(({ area }) => area))], areas);
    const other = "pr_71_user_service_app on pr_71_payment_service_db";
    assert.equal(lines.find(({ what }) => what === other)?.found, "refused");
  });

  it("see nothing of each other", async () => {
    const [own, other] = STACKS.map((stack) => outputs[stack].services["user-service"]);
    const foreign = new URL(own.database.url);
    foreign.pathname = `/${other.database.name}`;
    await assert.rejects(
      withDatabase(foreign.href, () => Promise.resolve()),
      /permission denied for database "pr_72_user_service_db"/,
    );
    await withRedis(own.cache.url, async (client) => {
      await assert.rejects(client.get(`${other.cache.keyPrefix}1`), /NOPERM/);
    });
    const { kafka } = own;
    const producer = kafkaAs(kafka.bootstrapServers, kafka).producer({ retry: { retries: 0 } });
    await producer.connect();
    const messages = [{ value: "x" }];
    const topic = `${other.kafka.topicPrefix}user-events`;
    assert.equal(await outcome(producer.send({ topic, messages })), "TOPIC_AUTHORIZATION_FAILED");
    await producer.disconnect();
  });

  it("leave nothing when they go down at the same time", async () => {
    await Promise.all(STACKS.map((stack) => npmOk("down", stack)));
    const databases = await asSuperuser("select from pg_database where datname ~ '_service_db$'");
    const roles = await asSuperuser("select from pg_roles where rolname ~ '_service_(owner|app)$'");
    assert.deepEqual([databases.length, roles.length], [0, 0]);
    const { username, password } = admins().kafka;
    const { address } = given.accessPoints.kafka;
    const admin = kafkaAs(address, { username, password }).admin();
    await admin.connect();
    const topics = (await admin.listTopics()).filter((name) => PREFIXED.test(name));
    const { resources } = await admin.describeAcls({
      ...{ resourceType: 1, resourcePatternType: 1, operation: 1, permissionType: 1 },
    });
    await admin.disconnect();
    const principals = resources.flatMap(({ acls }) => acls.map((acl) => acl.principal));
    assert.deepEqual(topics, []);
    assert.deepEqual(
      principals.filter((name) => PREFIXED.test(name.replace("User:", ""))),
      [],
    );
    const [users, keys] = await withRedis(redisAdmin(), async (client) => [
      (await client.sendCommand(["ACL", "USERS"])) as unknown as string[],
      (await client.sendCommand(["KEYS", "*"])) as unknown as string[],
    ]);
    assert.deepEqual(
      [...users, ...keys].filter((name) => PREFIXED.test(name)),
      [],
    );
  });
});
