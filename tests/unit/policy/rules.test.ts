import assert from "node:assert/strict";

import type { PolicyFacts } from "../../../policy/rule";
import { RULES } from "../../../policy/rules";
import { TYPES } from "../support/mocks";

const LASTING: PolicyFacts = { protect: true, allowDataLoss: ["old-events"], brokers: 1 };
const SHORT_LIVED: PolicyFacts = { ...LASTING, protect: false };

type Inputs = Record<string, unknown>;

/** Violations as `property: found`, of a resource that is protected by default. */
const faultsOf = (type: string, inputs: Inputs, isProtected = true, facts = LASTING) =>
  RULES[type].flatMap(({ check }) =>
    check(inputs, isProtected, facts).map(
      ({ property, found }) => `${property}: ${JSON.stringify(found) ?? "not set"}`,
    ),
  );

const DEFAULTS = "postgresql:index/defaultPrivileges:DefaultPrivileges";
const GRANT_ROLE = "postgresql:index/grantRole:GrantRole";
const DIGEST = `sha256:${"0a".repeat(32)}`;

const container = (more: Inputs): Inputs => ({
  image: DIGEST,
  memory: 128,
  healthcheck: { tests: ["CMD", "true"] },
  ports: [{ internal: 1, external: 2, ip: "127.0.0.1" }],
  networkMode: "bridge",
  ...more,
});
const rightsOn = (database: string, roles: object): Inputs => ({ database, roles });
const grant = (role: string, objectType: string, ...privileges: string[]): Inputs => ({
  role,
  objectType,
  privileges,
});
const rights = (principal: string, ...lines: string[]): Inputs => ({
  principal,
  rights: Object.fromEntries(lines.map((line) => [line, "allow"])),
});

describe("the policy", () => {
  const allowed: [title: string, type: string, ...inputs: Inputs[]][] = [
    [
      "an image by tag, by digest and by both, on a mirror too",
      TYPES.image,
      { name: "redis:7.4-alpine" },
      { name: `redis@${DIGEST}` },
      { name: `mirror.example:5000/hub/redis:7.4-alpine@${DIGEST}` },
    ],
    ["a container with limit, probe and local ports", TYPES.container, container({})],
    ["a container on ::1", TYPES.container, container({ ports: [{ ip: "::1" }] })],
    ["a container without ports", TYPES.container, container({ ports: undefined })],
    [
      "roles with what the design gives them",
      TYPES.role,
      { name: "x_owner", login: false },
      { name: "x_migrator", login: true, roles: ["x_owner"], superuser: false },
      { name: "x_app", login: true },
      { name: "platform_monitor", login: true, roles: ["pg_monitor"] },
      { name: "platform_replicator", login: true, replication: true },
    ],
    [
      "a migrator's membership of its owner",
      GRANT_ROLE,
      { role: "x_migrator", grantRole: "x_owner" },
    ],
    [
      "grants within the design's list, whatever their case",
      TYPES.grant,
      grant("public", "database"),
      grant("x_migrator", "database", "CONNECT"),
      grant("x_app", "table", "select", "insert", "update", "delete"),
      grant("x_readonly", "sequence", "SELECT"),
      { ...grant("user_service_app", "database", "CONNECT"), database: "user_service_db" },
      { ...grant("platform_replicator", "database", "CONNECT"), database: "postgres" },
      { ...grant("public", "database"), database: "user_service_db" },
      { ...grant("platform_monitor", "database", "CONNECT"), database: "postgres" },
    ],
    [
      "rights within the design's list",
      TYPES.databaseRights,
      rightsOn("user_service_db", {
        user_service_migrator: { database: ["CONNECT"], settings: { lock_timeout: "10s" } },
        user_service_app: { schema: ["USAGE"], table: ["SELECT", "INSERT", "UPDATE", "DELETE"] },
        user_service_readonly: { table: ["SELECT"], sequence: ["SELECT"] },
      }),
      rightsOn("other_db", { x_app: { function: ["EXECUTE"] } }),
    ],
    [
      "extensions that stay within their database",
      TYPES.extension,
      ...["pg_stat_statements", "postgis", "vector", "plpgsql"].map((name) => ({ name })),
    ],
    ["a topic with as many copies as brokers", TYPES.topic, { replicationFactor: 1 }],
    [
      "rights of one user on the broker, on its topics and groups",
      TYPES.rights,
      rights("user-service", "Read topic payment-events", "Read group user-service.*"),
      rights("user-service", "Write topic user-events", "Describe topic user-events"),
      rights("user-service", "Read group user-service.mail", "Write topic test-topic"),
      rights("payment-service", "Read topic user-events", "Write topic user-events-dlq"),
    ],
    [
      "a user's own groups and transactional ids, by its name, a dot or a hyphen, and the groups' deletion",
      TYPES.rights,
      rights("user-service", "Read group user-service", "Delete group user-service-*"),
      rights(
        "user-service",
        "Write transactional id user-service-*",
        "Describe transactional id user-service",
      ),
    ],
    [
      "the Console's rights to look at everything",
      TYPES.rights,
      rights("platform-console", "Read topic *", "Describe group *"),
      rights("platform-console", "DescribeConfigs cluster kafka-cluster"),
    ],
    [
      "a Redis user with keys and commands of its own",
      TYPES.redisUser,
      { username: "x", rules: ["~x:*", "&x:*", "+@all", "-@admin", "-@dangerous"] },
      { username: "x", rules: ["~x:*", "%R~x:y:*", "+get", "+set"] },
    ],
  ];
  for (const [title, type, ...cases] of allowed) {
    it(`allows ${title}`, () => {
      assert.deepStrictEqual(
        cases.flatMap((inputs) => faultsOf(type, inputs)),
        [],
      );
    });
  }

  const refused: [title: string, type: string, inputs: Inputs, ...faults: string[]][] = [
    ...["plpython3u", "plperlu", "file_fdw", "adminpack"].map(
      (name): [string, string, Inputs, string] => [
        `the extension ${name}, which opens the server's machine`,
        TYPES.extension,
        { name },
        `name: "${name}"`,
      ],
    ),
    ["an image without a tag", TYPES.image, { name: "redis" }, 'name: "redis"'],
    [
      "an image whose only colon is a port's",
      TYPES.image,
      { name: "mirror:5000/redis" },
      'name: "mirror:5000/redis"',
    ],
    ["the tag latest", TYPES.image, { name: "redis:latest" }, 'name: "redis:latest"'],
    [
      "a container's image by a tag that moves",
      TYPES.container,
      container({ image: "redis:latest" }),
      'image: "redis:latest"',
    ],
    [
      "a container without a memory limit",
      TYPES.container,
      container({ memory: undefined }),
      "memory: not set",
    ],
    ["a memory limit of nothing", TYPES.container, container({ memory: 0 }), "memory: 0"],
    [
      "a container without a health check",
      TYPES.container,
      container({ healthcheck: undefined }),
      "healthcheck.tests: not set",
    ],
    [
      "a health check that is switched off",
      TYPES.container,
      container({ healthcheck: { tests: ["NONE"] } }),
      'healthcheck.tests: ["NONE"]',
    ],
    [
      "ports on all interfaces, stated or not, each by its place",
      TYPES.container,
      container({ ports: [{ ip: "127.0.0.1" }, { ip: "0.0.0.0" }, { external: 1 }, { ip: "::" }] }),
      'ports[1].ip: "0.0.0.0"',
      "ports[2].ip: not set",
      'ports[3].ip: "::"',
    ],
    [
      "ports that Docker chooses and publishes",
      TYPES.container,
      container({ publishAllPorts: true }),
      "publishAllPorts: true",
    ],
    [
      "a container on the host's network",
      TYPES.container,
      container({ networkMode: "host" }),
      'networkMode: "host"',
    ],
    [
      "a role above its database, each attribute by name",
      TYPES.role,
      {
        name: "x_app",
        superuser: true,
        createDatabase: true,
        createRole: true,
        replication: true,
        bypassRowLevelSecurity: true,
      },
      "superuser: true",
      "createDatabase: true",
      "createRole: true",
      "bypassRowLevelSecurity: true",
      "replication: true",
    ],
    [
      "a member of a role that reads the server's files",
      TYPES.role,
      { name: "x_migrator", roles: ["x_owner", "pg_read_server_files"] },
      'roles: "pg_read_server_files"',
    ],
    [
      "an application that may become the owner",
      TYPES.role,
      { name: "x_app", roles: ["x_owner"] },
      'roles: "x_owner"',
    ],
    [
      "a monitoring that reads data",
      TYPES.role,
      { name: "platform_monitor", roles: ["pg_monitor", "pg_read_all_data"] },
      'roles: "pg_read_all_data"',
    ],
    [
      "the monitoring on a service's database",
      TYPES.grant,
      { ...grant("platform_monitor", "database", "CONNECT"), database: "user_service_db" },
      'role: "platform_monitor"',
    ],
    [
      "a table that the monitoring may read",
      TYPES.grant,
      { ...grant("platform_monitor", "table", "SELECT"), database: "postgres" },
      'privileges: ["SELECT"]',
    ],
    [
      "a service on the database to which the monitoring connects",
      TYPES.grant,
      { ...grant("user_service_app", "database", "CONNECT"), database: "postgres" },
      'role: "user_service_app"',
    ],
    [
      "a migrator of another database's owner",
      GRANT_ROLE,
      { role: "x_migrator", grantRole: "y_owner" },
      'grantRole: "y_owner"',
    ],
    [
      "a membership that may be handed on",
      GRANT_ROLE,
      { role: "x_migrator", grantRole: "x_owner", withAdminOption: true },
      "withAdminOption: true",
    ],
    ["an owner that logs in", TYPES.role, { name: "x_owner", login: true }, "login: true"],
    [
      "a grant to PUBLIC",
      TYPES.grant,
      grant("public", "database", "CONNECT"),
      'privileges: ["CONNECT"]',
    ],
    [
      "what an application may not do with a table, and that alone",
      TYPES.grant,
      grant("x_app", "table", "SELECT", "TRUNCATE", "TRIGGER"),
      'privileges: ["TRUNCATE","TRIGGER"]',
    ],
    ["everything at once", TYPES.grant, grant("x_app", "table", "ALL"), 'privileges: ["ALL"]'],
    [
      "objects in the schema made by an application",
      TYPES.grant,
      grant("x_app", "schema", "USAGE", "CREATE"),
      'privileges: ["CREATE"]',
    ],
    [
      "a default that lets readers write",
      DEFAULTS,
      grant("x_readonly", "table", "SELECT", "UPDATE"),
      'privileges: ["UPDATE"]',
    ],
    [
      "rights of a role that the design does not know",
      TYPES.grant,
      grant("reporting", "table", "SELECT"),
      'privileges: ["SELECT"]',
    ],
    [
      "a grant that may be handed on",
      TYPES.grant,
      { ...grant("x_app", "schema", "USAGE"), withGrantOption: true },
      "withGrantOption: true",
    ],
    [
      "a role on the database of another service",
      TYPES.grant,
      { ...grant("user_service_app", "database", "CONNECT"), database: "payment_service_db" },
      'role: "user_service_app"',
    ],
    [
      "a default in the database of another service",
      DEFAULTS,
      { ...grant("user_service_app", "table", "SELECT"), database: "payment_service_db" },
      'role: "user_service_app"',
    ],
    [
      "rights of readers that let them write",
      TYPES.databaseRights,
      rightsOn("user_service_db", { user_service_readonly: { table: ["SELECT", "UPDATE"] } }),
      'roles.user_service_readonly.table: ["UPDATE"]',
    ],
    [
      "rights of PUBLIC",
      TYPES.databaseRights,
      rightsOn("other_db", { public: { database: ["CONNECT"] } }),
      'roles.public.database: ["CONNECT"]',
    ],
    [
      "rights of a role on the database of another service",
      TYPES.databaseRights,
      rightsOn("payment_service_db", { user_service_app: { database: ["CONNECT"] } }),
      'roles: "user_service_app"',
    ],
    [
      "more copies of a topic than brokers",
      TYPES.topic,
      { replicationFactor: 3 },
      "replicationFactor: 3",
    ],
    [
      "rights of everybody on the broker",
      TYPES.rights,
      rights("*", "Write topic test-topic"),
      'principal: "*"',
    ],
    [
      "rights of a service on every topic and group",
      TYPES.rights,
      rights("user-service", "Read topic *", "Read group *"),
      'rights["Read topic *"]: "allow"',
      'rights["Read group *"]: "allow"',
    ],
    [
      "the Console's right to write, everywhere and anywhere",
      TYPES.rights,
      rights("platform-console", "Write topic *", "Write topic test-topic*", "Delete group *"),
      'rights["Write topic *"]: "allow"',
      'rights["Write topic test-topic*"]: "allow"',
      'rights["Delete group *"]: "allow"',
    ],
    [
      "operations that no client needs",
      TYPES.rights,
      rights("user-service", "All topic user-events", "Alter topic user-events"),
      'rights["All topic user-events"]: "allow"',
      'rights["Alter topic user-events"]: "allow"',
    ],
    [
      "what another service's topics are for, written, read or described",
      TYPES.rights,
      rights(
        "content-service",
        "Write topic user-events",
        "Read topic payment-events",
        "Describe topic payment-events",
        "Read topic analytics-events",
      ),
      'rights["Write topic user-events"]: "allow"',
      'rights["Read topic payment-events"]: "allow"',
      'rights["Describe topic payment-events"]: "allow"',
      'rights["Read topic analytics-events"]: "allow"',
    ],
    [
      "the start of a topic's name, which others' topics share",
      TYPES.rights,
      rights("user-service", "Write topic user*", 'Read topic "*"*'),
      'rights["Write topic user*"]: "allow"',
      'rights["Read topic \\"*\\"*"]: "allow"',
    ],
    [
      "another service's groups, and a group that begins like one's own",
      TYPES.rights,
      rights("user-service", "Read group payment-service.*", "Read group user-service*"),
      'rights["Read group payment-service.*"]: "allow"',
      'rights["Read group user-service*"]: "allow"',
    ],
    [
      "the deletion of a topic, and of another's group",
      TYPES.rights,
      rights("user-service", "Delete topic user-events", "Delete group payment-service"),
      'rights["Delete topic user-events"]: "allow"',
      'rights["Delete group payment-service"]: "allow"',
    ],
    [
      "another's transactional id, and one that begins like one's own",
      TYPES.rights,
      rights(
        "user-service",
        "Write transactional id payment-service",
        "Write transactional id user-service*",
      ),
      'rights["Write transactional id payment-service"]: "allow"',
      'rights["Write transactional id user-service*"]: "allow"',
    ],
    [
      "a service on the cluster, and on another's transactions",
      TYPES.rights,
      rights("user-service", "Describe cluster kafka-cluster", "Write transactional id *"),
      'rights["Describe cluster kafka-cluster"]: "allow"',
      'rights["Write transactional id *"]: "allow"',
    ],
    [
      "denials, rights from one host, and what says no right",
      TYPES.rights,
      {
        principal: "user-service",
        rights: {
          "Write topic user-events": "deny",
          "Read topic payment-events": "allow from 10.0.0.1",
          everything: "allow",
        },
      },
      'rights["Write topic user-events"]: "deny"',
      'rights["Read topic payment-events"]: "allow from 10.0.0.1"',
      'rights["everything"]: "allow"',
    ],
    [
      "an ACL that goes round these rules",
      "kafka:index/acl:Acl",
      { aclPrincipal: "User:user-service", aclOperation: "Read" },
      'aclPrincipal: "User:user-service"',
    ],
    [
      "a Redis user of all keys without a password",
      TYPES.redisUser,
      { username: "x", rules: ["~*", "nopass", "+get"] },
      'rules: ["~*","nopass"]',
    ],
    [
      "a Redis user of another's keys and channels, to read them too",
      TYPES.redisUser,
      { username: "x", rules: ["~x:*", "~y:*", "&xy:*", "%R~x*", "%W~*", "allchannels", "+get"] },
      'rules: ["~y:*","&xy:*","%R~x*","%W~*","allchannels"]',
    ],
    [
      "a Redis user whose commands are given after the others were taken",
      TYPES.redisUser,
      { username: "x", rules: ["~x:*", "-@admin", "+@all", "-@dangerous"] },
      'rules: ["+@all without -@admin after it"]',
    ],
  ];
  for (const [title, type, inputs, ...faults] of refused) {
    it(`refuses ${title}, in a short-lived stack too`, () => {
      for (const facts of [LASTING, SHORT_LIVED]) {
        assert.deepStrictEqual(faultsOf(type, inputs, true, facts), faults);
      }
    });
  }

  const protections: [
    title: string,
    name: string,
    found: boolean,
    facts: PolicyFacts,
    ok: boolean,
  ][] = [
    ["refuses what is unprotected in a lasting stack", "events", false, LASTING, false],
    ["allows what is protected", "events", true, LASTING, true],
    ["allows what the stack gives up to be unprotected", "old-events", false, LASTING, true],
    ["allows a short-lived stack to protect nothing", "events", false, SHORT_LIVED, true],
  ];
  for (const [title, name, found, facts, ok] of protections) {
    it(`${title}: volumes, databases and topics`, () => {
      for (const type of [TYPES.volume, TYPES.database, TYPES.topic]) {
        const faults = faultsOf(type, { name, replicationFactor: 1 }, found, facts);
        assert.deepStrictEqual(faults, ok ? [] : ["protect: false"], type);
      }
    });
  }

  it("lets a volume be unprotected that only holds a copy, and nothing else of that name", () => {
    const name = "lp-postgres-replica-1-data";
    assert.deepStrictEqual(faultsOf(TYPES.volume, { name }, false), []);
    for (const type of [TYPES.database, TYPES.topic]) {
      assert.deepStrictEqual(faultsOf(type, { name, replicationFactor: 1 }, false), [
        "protect: false",
      ]);
    }
  });
});
