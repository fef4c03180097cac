/** A kind of resource on the broker, as Kafka's documentation names it. */
export type RightResource = "Topic" | "Group" | "Cluster" | "TransactionalId";

/** What may be done with which resources, without who may: the part of an ACL that a line shows. */
export interface Right {
  /** An operation as Kafka's documentation names it: Read, Write, DescribeConfigs ... */
  operation: string;
  resourceType: RightResource;
  /** Name of the resource, or, where `pattern` is Prefixed, the start of it; a literal `*` is any. */
  resourceName: string;
  pattern: "Literal" | "Prefixed";
}

/** Rights of one principal: "allow" by line. What somebody changed by hand may also be a denial, or for one host. */
export type Rights = Readonly<Record<string, string>>;

export const ALLOW = "allow";

const WORDS: Readonly<Record<RightResource, string>> = {
  Topic: "topic",
  Group: "group",
  Cluster: "cluster",
  TransactionalId: "transactional id",
};

/** Names that need no quotes; quotes tell a name with a star in it from a pattern. */
const PLAIN = /^[\w.-]+$/;

/** The right as a line: `Write topic user-events`, `Read group user-service.*`, `Describe topic *`. */
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

/** @throws Error where it is no line of `rightLine` */
export function parseRight(line: string): Right {
  const [, operation, word, text] =
    /^([A-Z]\w*) (topic|group|cluster|transactional id) (.+)$/.exec(line) ?? [];
  const resourceType = (Object.keys(WORDS) as RightResource[]).find((type) => WORDS[type] === word);
  const right = resourceType && { operation, resourceType, ...parsePattern(text) };
  if (!right || rightLine(right) !== line) {
    throw new Error(`${line} is no right, as "Read topic user-events" is`);
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
