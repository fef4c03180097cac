import { CONSOLE_USER } from "../catalog/acls";
import { parseRight, type Right } from "../catalog/right-lines";
import { SERVICES } from "../catalog/services";
import { TOPICS } from "../catalog/topics";

/** The most that each kind of role may hold on a database, by the kind of object. */
const MOST: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  // Owns everything, and so needs no grant.
  owner: {},
  // Acts as the owner, and has nothing of its own.
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

/** What a role is for, by the end of its name: `<prefix>_owner`, `_migrator`, `_app` or `_readonly`. */
const kindOf = (role: string) => role.slice(role.lastIndexOf("_") + 1);

/**
 * The most that a role may be granted on objects of a kind.
 * @param role its name; PUBLIC, and a role of no kind that is known here, may hold nothing
 * @param objectType as PostgreSQL's provider calls it: database, schema, table, sequence, function ...
 */
export const mostPrivileges = (role: string, objectType: string): readonly string[] =>
  MOST[kindOf(role)]?.[objectType] ?? [];

/** The roles that a role may be a member of: a migrator of its own database's owner, no other of any. */
export const rolesAbove = (role: string): readonly string[] =>
  kindOf(role) === "migrator" ? [role.replace(/migrator$/, "owner")] : [];

/**
 * The roles that may hold anything on a database: its own service's.
 * @returns undefined for a database of no service
 */
export function rolesOn(database: string): string[] | undefined {
  const service = Object.values(SERVICES).find((known) => known.database === database);
  return service && Object.keys(MOST).map((kind) => `${service.rolePrefix}_${kind}`);
}

const BROKER_OPERATIONS = ["Read", "Write", "Delete", "Describe", "DescribeConfigs"];

/**
 * What may stand in place of a right on the broker that is too much.
 * @param user whose right it is, without `User:`
 * @param line the right, as `Write topic user-events`
 * @returns undefined where the right is within the design
 */
export function brokerRightFault(user: string, line: string): string | undefined {
  let right: Right;
  try {
    right = parseRight(line);
  } catch {
    return 'a right, as "Read topic user-events" is';
  }
  if (!BROKER_OPERATIONS.includes(right.operation)) {
    return BROKER_OPERATIONS.join(", ");
  }
  if (right.operation === "Delete" && right.resourceType !== "Group") {
    return "Delete for groups alone";
  }
  // Whoever looks at everything changes nothing.
  if (user === CONSOLE_USER && !["Write", "Delete"].includes(right.operation)) {
    return undefined;
  }
  if (right.pattern === "Literal" && right.resourceName === "*") {
    return `a name: * is for ${CONSOLE_USER}, and not to Write`;
  }
  return REACHES[right.resourceType](user, right);
}

/** What a user other than the console's may reach, by the kind of resource. */
const REACHES: Readonly<
  Record<Right["resourceType"], (user: string, right: Right) => string | undefined>
> = {
  Topic(user, { operation, pattern, resourceName }) {
    if (pattern === "Prefixed") {
      return "a topic by its whole name: the start of one reaches those of others";
    }
    const topic = Object.hasOwn(TOPICS, resourceName) ? TOPICS[resourceName] : undefined;
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
  Cluster: () => `none on the cluster but for ${CONSOLE_USER}`,
  TransactionalId: ownName,
};

/** A group or transactional id is its user's own by its name, not by a start that others may have. */
function ownName(user: string, { pattern, resourceName }: Right): string | undefined {
  const begins = [".", "-"].some((mark) => resourceName.startsWith(`${user}${mark}`));
  return begins || (pattern === "Literal" && resourceName === user)
    ? undefined
    : `${user}, or what begins with ${user}. or ${user}-`;
}

/** Names in a sentence; none is said, too. */
export const listed = (names: readonly string[]) => (names.length > 0 ? names.join(", ") : "none");
