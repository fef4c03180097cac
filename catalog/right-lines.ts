/** A kind of resource on the broker, by its name in Kafka's documentation. */
export type RightResource = "Topic" | "Group" | "Cluster" | "TransactionalId";

/** An operation on resources, without the user who may do it: the part of an ACL that a line shows. */
export interface Right {
  /** An operation by its name in Kafka's documentation: Read, Write, DescribeConfigs ... */
  operation: string;
  resourceType: RightResource;
  /** Name of the resource, or its start if `pattern` is Prefixed. A literal `*` is any name. */
  resourceName: string;
  pattern: "Literal" | "Prefixed";
}

/** Rights of one principal: "allow" by line. A right that somebody changed by hand may also deny, or be for one host. */
export type Rights = Readonly<Record<string, string>>;

export const ALLOW = "allow";

const WORDS: Readonly<Record<RightResource, string>> = {
  Topic: "topic",
  Group: "group",
  Cluster: "cluster",
  TransactionalId: "transactional id",
};

/** Names that need no quotes. Quotes distinguish a name that contains a star from a pattern. */
const PLAIN = /^[\w.-]+$/;

/** The right as one line: `Write topic user-events`, `Read group user-service.*`, `Describe topic *`. */
export function rightLine({ operation, resourceType, resourceName, pattern }: Right): string {
  return `${operation} ${WORDS[resourceType]} ${patternText(resourceName, pattern)}`;
}

function patternText(name: string, pattern: Right["pattern"]): string {
  const quoted = PLAIN.test(name) ? name : JSON.stringify(name);
  if (pattern === "Prefixed") {
    return `${quoted}*`;
  }
  return name === "*" ? "*" : quoted;
}

/** Reads a line of `rightLine`. @throws Error if it is none */
export function parseRight(line: string): Right {
  const [, operation, word, text] =
    /^([A-Z]\w*) (topic|group|cluster|transactional id) (.+)$/.exec(line) ?? [];
  const resourceType = (Object.keys(WORDS) as RightResource[]).find((type) => WORDS[type] === word);
  const right = resourceType && { operation, resourceType, ...parsePattern(text) };
  if (!right || rightLine(right) !== line) {
    throw new Error(`${line} is not a right such as "Read topic user-events"`);
  }
  return right;
}

function parsePattern(text: string): Pick<Right, "resourceName" | "pattern"> {
  if (text === "*") {
    return { resourceName: "*", pattern: "Literal" };
  }
  const pattern = text.endsWith("*") ? "Prefixed" : "Literal";
  const name = pattern === "Prefixed" ? text.slice(0, -1) : text;
  try {
    return { resourceName: PLAIN.test(name) ? name : String(JSON.parse(name)), pattern };
  } catch {
    return { resourceName: "", pattern };
  }
}
