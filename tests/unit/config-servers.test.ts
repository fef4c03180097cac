import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { issueAuthority } from "../../certificates/issue";
import { type ConfigSources, parseConfig } from "../../config";
import { containersOf, UNKNOWN_SECRET } from "../../config-servers";
import { engineConfig, type Settings } from "./support/program";

const POSTGRES = { host: "db.example", username: "admin", password: "top secret" };
const REDIS = {
  nodes: ["one.example:6379", "two.example:6379"],
  username: "admin",
  password: "pw",
};
const KAFKA = { bootstrapServers: ["b1.example:9092"], username: "admin", password: "pw" };

const ENCRYPTED: ConfigSources = { isSecret: () => true, environment: {} };

const parse = (settings: Settings, sources: ConfigSources = ENCRYPTED, stack = "shared") =>
  parseConfig(stack, engineConfig(settings), sources);

const login = { username: "u", password: "p" };
const usersOf = (...names: string[]) => Object.fromEntries(names.map((name) => [name, login]));

describe("the configuration of servers that exist", () => {
  it("fills in what is left out", () => {
    const { postgresServer, redisServer, kafkaCluster } = parse({
      ...{ postgresServer: POSTGRES, redisServer: REDIS, kafkaCluster: KAFKA },
    });
    assert.deepStrictEqual(postgresServer, {
      ...POSTGRES,
      ...{ port: 5432, database: "postgres", extensions: [], tls: true, trusted: "system" },
    });
    assert.deepStrictEqual(redisServer, { ...REDIS, tls: true, trusted: "system" });
    assert.deepStrictEqual(kafkaCluster, {
      ...KAFKA,
      ...{ saslMechanism: "SCRAM-SHA-512", superuser: false, replicationFactor: 3 },
      ...{ fixedTopicSettings: [], tls: true, trusted: "system" },
    });
  });

  it("leaves in containers what it does not name", () => {
    assert.deepStrictEqual(containersOf(parse({})), [
      ...["postgres", "cache", "session", "redpanda", "console"],
    ]);
    const some = parse({ postgresServer: POSTGRES, kafkaCluster: KAFKA });
    assert.deepStrictEqual(containersOf(some), ["cache", "session", "console"]);
    const none = parse({
      ...{ postgresServer: POSTGRES, kafkaCluster: KAFKA, console: false },
      ...{ redisServer: REDIS, redisSessionServer: REDIS },
    });
    assert.deepStrictEqual(containersOf(none), []);
  });

  it("has replicas in containers only of a server in a container", () => {
    const replicas = (settings: Settings) =>
      containersOf(parse(settings)).filter((name) => name.startsWith("postgresReplica"));
    assert.deepStrictEqual(replicas({}), []);
    assert.deepStrictEqual(replicas({ postgresReplicas: 1 }), ["postgresReplica1"]);
    assert.strictEqual(replicas({ postgresReplicas: 2 }).length, 2);
    assert.throws(
      () => parse({ postgresServer: POSTGRES, postgresReplicas: 1 }),
      /postgresReplicas must be 0: .*postgresServer\.readonlyHost/,
    );
    assert.throws(
      () => parse({ postgresServer: { ...POSTGRES, readonlyPort: 6543 } }),
      /postgresServer\.readonlyPort has no effect without readonlyHost/,
    );
    assert.throws(() => parse({ postgresReplicas: 3 }), /postgresReplicas must be 0 to 2 replicas/);
  });

  it("adds the further nodes of Redis that the stack asks for", () => {
    const further = parse({ console: false, redisSessionReplica: true, redisCacheCluster: true });
    assert.deepStrictEqual(containersOf(further), [
      ...["postgres", "cache", "session", "redpanda", "sessionReplica", "cache2", "cache3"],
    ]);
  });

  it("refuses further nodes of servers that exist, each by its name", () => {
    assert.throws(
      () =>
        parse({
          ...{ redisServer: REDIS, redisCacheCluster: true },
          ...{ redisSessionServer: REDIS, redisSessionReplica: true },
        }),
      ({ message }: Error) =>
        /redisSessionReplica must be false: redisSessionServer names a server that exists/.test(
          message,
        ) &&
        /redisCacheCluster must be false: redisServer names a server that exists/.test(message),
    );
  });

  it("takes a password from the environment, and the stack's own one before it", () => {
    const { username, host } = POSTGRES;
    const environment = { LEARNING_PLATFORM_POSTGRES_PASSWORD: "from outside" };
    const sources = { isSecret: () => true, environment };
    const { postgresServer } = parse({ postgresServer: { host, username } }, sources);
    assert.strictEqual(postgresServer?.password, "from outside");
    assert.strictEqual(
      parse({ postgresServer: POSTGRES }, sources).postgresServer?.password,
      "top secret",
    );
  });

  it("accepts a password that only the engine can decrypt", () => {
    const postgresServer = { ...POSTGRES, password: UNKNOWN_SECRET };
    const sources = { isSecret: () => false, environment: {} };
    assert.strictEqual(parse({ postgresServer }, sources).postgresServer?.password, UNKNOWN_SECRET);
  });

  it("trusts the authorities of a file, or nobody's where it is not encrypted", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "learning-platform-ca-"));
    const caFile = path.join(folder, "ca.crt");
    const { certificate } = await issueAuthority("somebody", { days: 1 });
    writeFileSync(caFile, certificate);
    const trusted = parse({ postgresServer: { ...POSTGRES, caFile } }).postgresServer?.trusted;
    rmSync(folder, { recursive: true });
    assert.strictEqual(trusted, certificate);
    const clear = parse({ postgresServer: { ...POSTGRES, tls: false } }).postgresServer;
    assert.ok(clear && !("trusted" in clear));
  });

  it("derives names from the stack's name where it shares servers", () => {
    assert.strictEqual(parse({ sharedServers: true }, ENCRYPTED, "pr-7").sharedPrefix, "pr-7");
    const odd = ["Pr.7", "pr_7", "pr-7"].map(
      (stack) => parse({ sharedServers: true }, ENCRYPTED, stack).sharedPrefix,
    );
    assert.strictEqual(new Set(odd).size, 3);
    for (const prefix of odd) {
      assert.match(prefix, /^[a-z0-9-]{1,30}$/);
    }
    assert.strictEqual(parse({}, ENCRYPTED, "pr-7").sharedPrefix, "");
  });

  const refused: [title: string, settings: Settings, expected: RegExp, sources?: ConfigSources][] =
    [
      [
        "a password that is not encrypted",
        { postgresServer: POSTGRES },
        /:postgresServer\.password must be encrypted: pulumi config set --secret --path/,
        { isSecret: () => false, environment: {} },
      ],
      [
        "users whose passwords are not encrypted",
        { redisServer: { nodes: ["a:1"], users: {} } },
        /:redisServer\.users must be encrypted/,
        { isSecret: () => false, environment: {} },
      ],
      [
        "a password that is no text, which is not repeated",
        { postgresServer: { ...POSTGRES, password: 31_415 } },
        /:postgresServer\.password must be text$/m,
      ],
      [
        "no password at all",
        { kafkaCluster: { bootstrapServers: ["a:1"], username: "u" } },
        /:kafkaCluster\.password is missing\. Set the variable LEARNING_PLATFORM_KAFKA_PASSWORD/,
      ],
      [
        "no administrator",
        { redisServer: { nodes: ["a:1"] } },
        /:redisServer\.username is missing/,
      ],
      [
        "no host",
        { postgresServer: { username: "u", password: "p" } },
        /:postgresServer\.host is missing/,
      ],
      [
        "a key that there is not",
        { postgresServer: { ...POSTGRES, hots: "x" } },
        /:postgresServer\.hots is unknown/,
      ],
      [
        "an address without a port",
        { redisServer: { ...REDIS, nodes: ["a"] } },
        /:redisServer\.nodes\[0\] must be host:port/,
      ],
      ["no node", { redisServer: { ...REDIS, nodes: [] } }, /:redisServer\.nodes must name a node/],
      [
        "an unknown mechanism",
        { kafkaCluster: { ...KAFKA, saslMechanism: "GSSAPI" } },
        /:kafkaCluster\.saslMechanism must be SCRAM-SHA-256 or/,
      ],
      [
        "a mechanism for which users cannot be created, without users",
        { kafkaCluster: { ...KAFKA, saslMechanism: "PLAIN" } },
        /:kafkaCluster\.users is missing: users who log in by PLAIN cannot be created/,
      ],
      [
        "a console that shows schemas without a login to the registry",
        {
          consoleSchemaRegistry: true,
          schemaRegistry: { url: "https://registry.example", users: {} },
        },
        /:consoleSchemaRegistry must be false: the console has no login to schemaRegistry/,
      ],
      [
        "authorities without encryption",
        { postgresServer: { ...POSTGRES, tls: false, caFile: "x" } },
        /:postgresServer\.caFile has no effect while tls is false/,
      ],
      [
        "a file of authorities that is not there",
        { postgresServer: { ...POSTGRES, caFile: "no/such.crt" } },
        /:postgresServer\.caFile must be a file of certificates as PEM: .*ENOENT/,
      ],
      [
        "given users of whom some are missing",
        { redisSessionServer: { nodes: ["a:1"], users: usersOf("user-service") } },
        /:redisSessionServer\.users has no login for agent-orchestrator/,
      ],
      [
        "given users whom nobody needs",
        {
          redisSessionServer: {
            nodes: ["a:1"],
            users: usersOf("user-service", "agent-orchestrator", "x"),
          },
        },
        /:redisSessionServer\.users names x; it may have user-service, agent-orchestrator/,
      ],
      [
        "a registry that is no URL",
        { schemaRegistry: { url: "registry" } },
        /:schemaRegistry\.url must be a URL/,
      ],
      ["a list where a server belongs", { postgresServer: [1] }, /:postgresServer /],
    ];
  for (const [title, settings, expected, sources] of refused) {
    it(`refuses ${title}, and names the key`, () => {
      assert.throws(
        () => parse(settings, sources),
        (error: Error) => {
          assert.match(error.message, expected);
          assert.ok(!error.message.includes("top secret"));
          return true;
        },
      );
    });
  }

  it("refuses to share servers for a stack that is called like a service", () => {
    for (const stack of ["user-service", "my-user-service-2"]) {
      assert.throws(
        () => parse({ sharedServers: true }, ENCRYPTED, stack),
        /:sharedServers must be false for this stack: its name contains user-service/,
      );
    }
  });
});
