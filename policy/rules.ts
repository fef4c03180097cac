import { brokerRightFault, listed, mostPrivileges, rolesAbove, rolesOn } from "./rights";

/** What the rules need to know of the stack. */
export interface PolicyFacts {
  /** Whether the stack is meant to last. */
  protect: boolean;
  /** Topics, databases and volumes that the stack gives up, and so need no protection. */
  allowDataLoss: readonly string[];
  /** Number of the platform's Kafka brokers. */
  brokers: number;
}

/** What a rule has against one property of a resource. */
export interface Violation {
  /** Path of the property, as `ports[0].ip`. */
  property: string;
  found: unknown;
  /** What may stand there instead, and where it helps how to get there; a sentence's end without a full stop. */
  allowed: string;
}

/** Inputs of a resource by name, as far as a rule reads them. */
type Inputs = Readonly<Record<string, unknown>>;

/** One rule on the resources of one type. */
export interface Rule {
  /** The inputs that it looks at: it is asked once all of them are known. */
  reads: readonly string[];
  /**
   * @param inputs those that it reads
   * @param isProtected whether the resource itself is protected from deletion
   */
  check(inputs: Inputs, isProtected: boolean, facts: PolicyFacts): Violation[];
}

/** A rule that one input is at fault unless it passes. */
const input = (property: string, allowed: string, passes: (value: unknown) => boolean): Rule => ({
  reads: [property],
  check: ({ [property]: found }) => (passes(found) ? [] : [{ property, found, allowed }]),
});

const isNotTrue = (value: unknown) => value !== true;

/** Whether a name says which image is meant: an id, a digest or a tag that is not `latest`. */
const isPinned = (name: unknown) =>
  typeof name === "string" &&
  (/^sha256:/.test(name) ||
    /@sha256:[0-9a-f]{64}$/.test(name) ||
    /:(?!latest$)[\w][\w.-]*$/.test(name));

const PINNED = "a name with a digest or a tag other than latest";

const isLoopback = (ip: unknown) =>
  typeof ip === "string" && (/^127\.\d+\.\d+\.\d+$/.test(ip) || ip === "::1");

const publishedPorts: Rule = {
  reads: ["ports"],
  check: ({ ports = [] }) =>
    (ports as { ip?: unknown }[]).flatMap(({ ip }, index) =>
      isLoopback(ip)
        ? []
        : [
            {
              property: `ports[${index}].ip`,
              found: ip,
              allowed: "127.0.0.1 or ::1: nobody outside the host has business there",
            },
          ],
    ),
};

const healthCheck: Rule = {
  reads: ["healthcheck"],
  check: ({ healthcheck }) => {
    const found = (healthcheck as { tests?: string[] } | undefined)?.tests;
    const tested = found !== undefined && found.length > 0 && found[0] !== "NONE";
    return tested
      ? []
      : [{ property: "healthcheck.tests", found, allowed: "a test that the service answers" }];
  },
};

const protection: Rule = {
  reads: ["name"],
  check: ({ name }, found, { protect, allowDataLoss }) =>
    found || !protect || allowDataLoss.includes(String(name))
      ? []
      : [
          {
            property: "protect",
            found,
            allowed: `true in a stack that is protected, unless learning-platform:allowDataLoss names ${String(name)}`,
          },
        ],
};

const replicas: Rule = {
  reads: ["replicationFactor"],
  check: ({ replicationFactor: found }, _, { brokers }) =>
    Number(found) <= brokers
      ? []
      : [
          {
            property: "replicationFactor",
            found,
            allowed: `at most ${brokers}, the number of brokers: no copy lies twice on one`,
          },
        ],
};

const memberships: Rule = {
  reads: ["name", "roles"],
  check: ({ name, roles = [] }) => {
    const most = rolesAbove(String(name));
    return (roles as string[])
      .filter((role) => !most.includes(role))
      .map((found) => ({ property: "roles", found, allowed: listed(most) }));
  },
};

const ownerLogin: Rule = {
  reads: ["name", "login"],
  check: ({ name, login }) =>
    String(name).endsWith("_owner") && login === true
      ? [{ property: "login", found: login, allowed: "false: the migrator acts as the owner" }]
      : [],
};

const grantedRole: Rule = {
  reads: ["role", "grantRole"],
  check: ({ role, grantRole: found }) => {
    const most = rolesAbove(String(role));
    return most.includes(String(found))
      ? []
      : [{ property: "grantRole", found, allowed: listed(most) }];
  },
};

const privileges: Rule = {
  reads: ["role", "objectType", "privileges"],
  check: ({ role, objectType, privileges: granted = [] }) => {
    const most = mostPrivileges(String(role), String(objectType));
    const excess = (granted as string[]).filter((right) => !most.includes(right.toUpperCase()));
    const allowed = `for ${String(role)} on a ${String(objectType)} ${listed(most)} (policy/rights.ts)`;
    return excess.length > 0 ? [{ property: "privileges", found: excess, allowed }] : [];
  },
};

const ownDatabase: Rule = {
  reads: ["database", "role", "privileges"],
  check: ({ database, role: found, privileges: granted = [] }) => {
    const own = rolesOn(String(database));
    return own === undefined || own.includes(String(found)) || (granted as string[]).length === 0
      ? []
      : [{ property: "role", found, allowed: `on ${String(database)} ${own.join(", ")}` }];
  },
};

/** Extensions by which whoever may use them reads files of the server's machine or runs programs there. */
const OPENS_MACHINE = /^(pl\w*u|plsh|file_fdw|adminpack)$/;

const onlyWithoutGrantOption = input("withGrantOption", "false", isNotTrue);

/** Each right by itself, so that a message names the one that is too much. */
const brokerRights: Rule = {
  reads: ["principal", "rights"],
  check: ({ principal, rights = {} }) =>
    Object.entries(rights as Record<string, unknown>).flatMap(([line, found]) => {
      const allowed =
        found === "allow" ? brokerRightFault(String(principal), line) : "allow, from any host";
      return allowed === undefined
        ? []
        : [{ property: `rights[${JSON.stringify(line)}]`, found, allowed }];
    }),
};

/** Rules of a Redis user that are no service's: others' keys, no password, an administrator's commands. */
const redisRules: Rule = {
  reads: ["username", "rules"],
  check: ({ username, rules = [] }) => {
    const given = rules as string[];
    const forbidden = /^(allkeys|allchannels|nopass|allcommands|\+@(admin|dangerous))$/;
    const isOthers = (rule: string) => {
      const [, pattern] = /^(?:~|&|%\w+~)(.*)$/.exec(rule) ?? [];
      return pattern !== undefined && !pattern.startsWith(`${String(username)}:`);
    };
    const found = given.filter((rule) => forbidden.test(rule) || isOthers(rule));
    const all = given.lastIndexOf("+@all");
    for (const taken of ["-@admin", "-@dangerous"]) {
      if (all >= 0 && given.lastIndexOf(taken) < all) {
        found.push(`+@all without ${taken} after it`);
      }
    }
    const allowed = `keys and channels that begin with ${String(username)}:, and no command of @admin or @dangerous`;
    return found.length > 0 ? [{ property: "rules", found, allowed }] : [];
  },
};

/** Attributes of a role that lift it above its database. */
const ATTRIBUTES = [
  "superuser",
  "createDatabase",
  "createRole",
  "replication",
  "bypassRowLevelSecurity",
];

/**
 * What each resource has to keep to, by type. All of it in every stack, so that a fault shows in a
 * pull request's own stack; only protection from deletion is asked of lasting stacks alone.
 */
export const RULES: Readonly<Record<string, readonly Rule[]>> = {
  "docker:index/remoteImage:RemoteImage": [input("name", PINNED, isPinned)],
  "docker:index/container:Container": [
    input("image", PINNED, isPinned),
    input("memory", "a limit in MiB", (value) => Number(value) > 0),
    healthCheck,
    publishedPorts,
    input("publishAllPorts", "false: each port is published on the loopback address", isNotTrue),
    input("networkMode", "bridge: the host's network publishes everything", (v) => v !== "host"),
  ],
  "docker:index/volume:Volume": [protection],
  "postgresql:index/database:Database": [protection],
  "postgresql:index/role:Role": [
    ...ATTRIBUTES.map((attribute) => input(attribute, "false", isNotTrue)),
    memberships,
    ownerLogin,
  ],
  "postgresql:index/grantRole:GrantRole": [
    grantedRole,
    input("withAdminOption", "false", isNotTrue),
  ],
  "postgresql:index/grant:Grant": [privileges, ownDatabase, onlyWithoutGrantOption],
  "postgresql:index/defaultPrivileges:DefaultPrivileges": [
    privileges,
    ownDatabase,
    onlyWithoutGrantOption,
  ],
  "postgresql:index/extension:Extension": [
    input(
      "name",
      "one that opens neither files nor programs of the server's machine",
      (name) => !OPENS_MACHINE.test(String(name)),
    ),
  ],
  "kafka:index/topic:Topic": [protection, replicas],
  "pulumi-nodejs:dynamic/kafka:Rights": [
    input("principal", "one user: * is everybody", (value) => value !== "*"),
    brokerRights,
  ],
  // It fails on Redpanda, and would go round the rules of the resource above.
  "kafka:index/acl:Acl": [
    input("aclPrincipal", "none: rights on the broker are KafkaRights'", () => false),
  ],
  "pulumi-nodejs:dynamic/redis:User": [redisRules],
};
