import { CONSOLE_USER } from "../catalog/acls";
import { MONITOR_DATABASE, MONITOR_ROLE } from "../catalog/monitor";
import { sharedName, sharedSqlName } from "../catalog/names";
import { REPLICATOR_ROLE } from "../catalog/replication";
import { parseRight, type Right } from "../catalog/right-lines";
import { SERVICES } from "../catalog/services";
import { TOPICS } from "../catalog/topics";
import { BACKUP_MEMBERSHIPS, BACKUP_ROLE } from "../catalog/wal-archive";

/** The most privileges that each kind of role may have on a database, by the kind of object. */
const MOST: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  // It owns everything, and needs no grant.
  owner: {},
  // It acts as the owner, and has no privileges of its own.
  migrator: { database: ["CONNECT"] },
  app: {
    database: ["CONNECT"],
    schema: ["USAGE"],
    table: ["SELECT", "INSERT", "UPDATE", "DELETE"],
    sequence: ["USAGE", "SELECT"],
    function: ["EXECUTE"],
  },
  readonly: {
    database: ["CONNECT"],
    schema: ["USAGE"],
    table: ["SELECT"],
    sequence: ["SELECT"],
  },
};

/** The kind of a role, which is the end of its name: `<prefix>_owner`, `_migrator`, `_app` or `_readonly`. */
const kindOf = (role: string) => role.slice(role.lastIndexOf("_") + 1);

/**
 * The most privileges that a role may be granted on objects of a kind.
 * @param role its name; PUBLIC, and a role of an unknown kind, may have none
 * @param objectType in the terms of PostgreSQL's provider: database, schema, table, sequence, function ...
 */
export const mostPrivileges = (role: string, objectType: string): readonly string[] =>
  (Object.hasOwn(PLATFORM, role) ? PLATFORM[role] : MOST[kindOf(role)])?.[objectType] ?? [];

/** The roles of the platform itself connect, and their memberships are all that they may read. */
const PLATFORM: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  [MONITOR_ROLE]: { database: ["CONNECT"] },
  // Replicas read only catalogues.
  [REPLICATOR_ROLE]: { database: ["CONNECT"] },
  // It begins and ends backups by functions of the system.
  [BACKUP_ROLE]: { database: ["CONNECT"], function: ["EXECUTE"] },
};

/**
 * The roles that a role may be a member of: a migrator of its own database's owner, those of the platform of the ones
 * that read statistics and settings, any other role of none.
 */
export const rolesAbove = (role: string): readonly string[] =>
  role === MONITOR_ROLE
    ? ["pg_monitor"]
    : role === BACKUP_ROLE
      ? BACKUP_MEMBERSHIPS
      : kindOf(role) === "migrator"
        ? [role.replace(/migrator$/, "owner")]
        : [];

/**
 * The roles that may have privileges on a database: those of its service, or those of the platform on the one to which
 * they connect.
 * @param prefix of the stack's names (catalog/names.ts)
 * @returns undefined for any other database
 */
export function rolesOn(database: string, prefix = ""): string[] | undefined {
  if (database === MONITOR_DATABASE) {
    return Object.keys(PLATFORM);
  }
  const service = Object.values(SERVICES).find(
    (known) => sharedSqlName(prefix, known.database) === database,
  );
  return (
    service &&
    Object.keys(MOST).map((kind) => `${sharedSqlName(prefix, service.rolePrefix)}_${kind}`)
  );
}

const BROKER_OPERATIONS = ["Read", "Write", "Delete", "Describe", "DescribeConfigs"];

/**
 * What is allowed in place of a right on the broker that goes too far.
 * @param user name that the catalogue has for the user who has the right
 * @param line the right, such as `Write topic user-events`
 * @param prefix of the stack's names (catalog/names.ts)
 * @returns undefined if the right is allowed
 */
export function allowedInsteadOf(user: string, line: string, prefix = ""): string | undefined {
  let right: Right;
  try {
    right = parseRight(line);
  } catch {
    return 'a right such as "Read topic user-events"';
  }
  if (!BROKER_OPERATIONS.includes(right.operation)) {
    return BROKER_OPERATIONS.join(", ");
  }
  if (right.operation === "Delete" && right.resourceType !== "Group") {
    return "Delete for groups only";
  }
  // The console reads everything, and changes nothing.
  if (user === CONSOLE_USER && !["Write", "Delete"].includes(right.operation)) {
    return undefined;
  }
  if (right.pattern === "Literal" && right.resourceName === "*") {
    return `a name: only ${CONSOLE_USER} may use *, and never to Write`;
  }
  return REACHES[right.resourceType](user, right, prefix);
}

/** What users other than the console's may reach, by the kind of resource. */
const REACHES: Readonly<
  Record<Right["resourceType"], (user: string, right: Right, prefix: string) => string | undefined>
> = {
  Topic(user, { operation, pattern, resourceName }, prefix) {
    if (pattern === "Prefixed") {
      return "the whole name of a topic: a prefix also matches topics of others";
    }
    const [, topic] =
      Object.entries(TOPICS).find(([name]) => sharedName(prefix, name) === resourceName) ?? [];
    if (!topic) {
      return undefined;
    }
    const users: readonly string[] =
      operation === "Write"
        ? topic.writers
        : operation === "Read"
          ? topic.readers
          : [...topic.writers, ...topic.readers];
    return users.includes(user)
      ? undefined
      : `${operation} for ${listed(users)} (catalog/topics.ts)`;
  },
  Group: ownName,
  Cluster: () => `none: only ${CONSOLE_USER} has rights on the cluster`,
  TransactionalId: ownName,
};

/** The names of groups and transactional ids of a user: no prefix that another user's names may start with. */
function ownName(
  user: string,
  { pattern, resourceName }: Right,
  prefix: string,
): string | undefined {
  const own = sharedName(prefix, user);
  const begins = [".", "-"].some((mark) => resourceName.startsWith(`${own}${mark}`));
  return begins || (pattern === "Literal" && resourceName === own)
    ? undefined
    : `${own}, or names that begin with ${own}. or ${own}-`;
}

/** Names as a list in a sentence. */
export const listed = (names: readonly string[]) => (names.length > 0 ? names.join(", ") : "none");
