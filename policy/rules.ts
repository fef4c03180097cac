import { sharedName } from "../catalog/names";
import { REPLICATOR_ROLE } from "../catalog/replication";
import { isCopy } from "../catalog/servers";
import { allowedInsteadOf, listed, mostPrivileges, rolesAbove, rolesOn } from "./rights";
import { input, isNotTrue, type Rule } from "./rule";

/** Whether a name determines the image: an id, a digest or a tag other than `latest`. */
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
              allowed: "127.0.0.1 or ::1: nothing outside the host may connect",
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
      : [
          {
            property: "healthcheck.tests",
            found,
            allowed: "a test that fails until the service answers",
          },
        ];
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
            allowed: `true in a protected stack, unless learning-platform:allowDataLoss names ${String(name)}`,
          },
        ],
};

/** A copy is made again where it is lost. */
const volumeProtection: Rule = {
  reads: protection.reads,
  check: (inputs, ...more) =>
    isCopy(String(inputs.name)) ? [] : protection.check(inputs, ...more),
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
            allowed: `at most ${brokers}, the number of brokers: each keeps one copy`,
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
  check: ({ database, role: found, privileges: granted = [] }, _, { prefix }) => {
    const own = rolesOn(String(database), prefix);
    return own === undefined || own.includes(String(found)) || (granted as string[]).length === 0
      ? []
      : [{ property: "role", found, allowed: `on ${String(database)} ${own.join(", ")}` }];
  },
};

/** Checks each role on its own, so that a message names the role that goes too far. */
const databaseRights: Rule = {
  reads: ["database", "roles"],
  check: ({ database, roles = {} }, _, { prefix }) =>
    Object.entries(roles as Record<string, Record<string, string[]>>).flatMap(
      ([role, { settings: _, ...byKind }]) => {
        const own = rolesOn(String(database), prefix) ?? [role];
        const foreign = own.includes(role)
          ? []
          : [
              {
                property: "roles",
                found: role,
                allowed: `on ${String(database)} ${own.join(", ")}`,
              },
            ];
        const excess = Object.entries(byKind).flatMap(([kind, granted]) => {
          const most = mostPrivileges(role, kind);
          const found = granted.filter((right) => !most.includes(right.toUpperCase()));
          const allowed = `for ${role} on a ${kind} ${listed(most)} (policy/rights.ts)`;
          return found.length > 0 ? [{ property: `roles.${role}.${kind}`, found, allowed }] : [];
        });
        return [...foreign, ...excess];
      },
    ),
};

/** Extensions that let their users read files of the server's machine or run programs there. */
const OPENS_MACHINE = /^(pl\w*u|plsh|file_fdw|adminpack)$/;

const onlyWithoutGrantOption = input("withGrantOption", "false", isNotTrue);

/** Checks each right on its own, so that a message names the right that goes too far. */
const brokerRights: Rule = {
  reads: ["principal", "rights"],
  check: ({ principal, rights = {} }, _, { prefix = "", givenUsers = {}, brokerAdministrator }) =>
    Object.entries(rights as Record<string, unknown>).flatMap(([line, found]) => {
      const name = String(principal);
      if (name === brokerAdministrator) {
        return [];
      }
      const begin = sharedName(prefix, "");
      const user = givenUsers[name] ?? (name.startsWith(begin) ? name.slice(begin.length) : name);
      const allowed =
        found === "allow" ? allowedInsteadOf(user, line, prefix) : "allow, from any host";
      return allowed === undefined
        ? []
        : [{ property: `rights[${JSON.stringify(line)}]`, found, allowed }];
    }),
};

/** Rules that no service's Redis user may have: keys of others, no password, commands of administrators. */
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
    const allowed = `keys and channels that begin with ${String(username)}:, and no commands of @admin or @dangerous`;
    return found.length > 0 ? [{ property: "rules", found, allowed }] : [];
  },
};

/** Attributes of a role that reach beyond its database. */
const ATTRIBUTES = ["superuser", "createDatabase", "createRole", "bypassRowLevelSecurity"];

/** Whoever may replicate reads every database. */
const replication: Rule = {
  reads: ["name", "replication"],
  check: ({ name, replication: found }) =>
    found === true && name !== REPLICATOR_ROLE
      ? [{ property: "replication", found, allowed: `false: only ${REPLICATOR_ROLE} replicates` }]
      : [],
};

/**
 * The rules for each type of resource. They apply to every stack, so that a violation shows in a pull request's own
 * stack; protection from deletion is the exception, which only lasting stacks need.
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
  "docker:index/volume:Volume": [volumeProtection],
  "postgresql:index/database:Database": [protection],
  "postgresql:index/role:Role": [
    ...ATTRIBUTES.map((attribute) => input(attribute, "false", isNotTrue)),
    replication,
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
      "an extension that gives no access to files or programs of the server's machine",
      (name) => !OPENS_MACHINE.test(String(name)),
    ),
  ],
  "pulumi-nodejs:dynamic/database:Rights": [databaseRights],
  "kafka:index/topic:Topic": [protection, replicas],
  "pulumi-nodejs:dynamic/kafka:EventSchemas": [
    input(
      "level",
      "a level at which every older reader can read new events: FORWARD_TRANSITIVE or FULL_TRANSITIVE",
      (level) => level === "FORWARD_TRANSITIVE" || level === "FULL_TRANSITIVE",
    ),
  ],
  "pulumi-nodejs:dynamic/kafka:Rights": [
    input("principal", "one user: * means everybody", (value) => value !== "*"),
    brokerRights,
  ],
  // It fails on Redpanda, and would bypass the rules of the resource above.
  "kafka:index/acl:Acl": [
    input("aclPrincipal", "none: use KafkaRights for rights on the broker", () => false),
  ],
  "pulumi-nodejs:dynamic/redis:User": [redisRules],
};
