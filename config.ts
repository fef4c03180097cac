import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";
import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";

import { majorOfImageName } from "./catalog/postgres-majors";
import { PORT_KEYS, type PortKey, PORTS_PER_BLOCK } from "./catalog/servers";
import { SERVICE_NAMES } from "./catalog/services";
import { readWalArchive, type WalArchive } from "./config-archive";
import { port, schema, type Settings, show, TOPIC_KEYS } from "./config-schema";
import { type ExistingServers, readExistingServers } from "./config-servers";

const PROJECT = "learning-platform";

/** Ports derived from a stack's name lie in 20000-29999, below the ports that systems assign themselves. */
const FIRST_DERIVED_PORT = 20_000;
const DERIVED_BLOCKS = 10_000 / PORTS_PER_BLOCK;

/** The configuration of one stack, validated, with every derived name and port filled in. */
export interface PlatformConfig
  extends Omit<Settings, keyof ExistingServers | "walArchive">, ExistingServers {
  stack: string;
  /** Undefined where WAL is not archived. */
  walArchive?: WalArchive;
  /** Start of the names of what the stack makes on servers (catalog/names.ts). */
  sharedPrefix: string;
}

/** What the configuration needs besides the values. */
export interface ConfigSources {
  /** Whether the value of `<namespace>:<key>` is encrypted in the stack's file. */
  isSecret: (key: string) => boolean;
  /** Variables of the environment, which may hold passwords. */
  environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads and validates the stack's configuration. Nothing else reads it.
 * @throws pulumi.RunError that lists every invalid key with the reason
 */
export function loadConfig(): PlatformConfig {
  // The SDK's types leave it out (3.259.0, runtime/config.ts marks it as internal).
  const { isConfigSecret } = pulumi.runtime as unknown as ConfigSecrets;
  return parseConfig(pulumi.getStack(), pulumi.runtime.allConfig(), {
    isSecret: isConfigSecret,
    environment: process.env,
  });
}

interface ConfigSecrets {
  isConfigSecret: (key: string) => boolean;
}

/**
 * Validates configuration as the engine passes it.
 * @param stack name of the stack, from which names and ports are derived
 * @param values text by `<namespace>:<key>`; values other than strings are JSON
 * @throws pulumi.RunError that lists every invalid key with the reason
 */
export function parseConfig(
  stack: string,
  values: Record<string, string>,
  sources: ConfigSources = { isSecret: () => false, environment: {} },
): PlatformConfig {
  const own = Object.entries(values)
    .filter(([key]) => key.startsWith(`${PROJECT}:`))
    .map(([key, text]) => [key.slice(PROJECT.length + 1), text] as const);
  const settings: Record<string, unknown> = Object.fromEntries(
    own.map(([key, text]) => [key, read(key, text)]),
  );
  const parsed = schema.safeParse(settings, { reportInput: true });
  const problems = parsed.success ? [] : parsed.error.issues.flatMap(describe);
  problems.push(...foreignKeys(Object.keys(values)));
  const secrets = {
    ...sources,
    isSecret: (key: string) => sources.isSecret(`${PROJECT}:${key}`),
  };
  const servers = readExistingServers(parsed.data ?? {}, secrets);
  const { archive, problems: archiveProblems } = readWalArchive(parsed.data ?? {}, secrets);
  problems.push(
    ...[...servers.problems, ...archiveProblems].map(({ key, reason }) => problem(key, reason)),
  );
  const config: PlatformConfig | undefined = parsed.success
    ? {
        ...complete(stack, parsed.data),
        ...servers.existing,
        walArchive: archive,
      }
    : undefined;
  problems.push(
    ...samePorts(config ?? settings),
    ...unusedCertificates(settings),
    ...repeatedTopics(settings),
    ...protectedWithoutFsync(settings),
    ...scheduledWithoutPlace(settings),
    ...otherMajor(settings),
    ...(config ? unclearPrefix(config) : []),
  );
  if (problems.length > 0 || !config) {
    throw new pulumi.RunError(
      [
        `The configuration of stack ${stack} is invalid:`,
        ...problems.map((problem) => `  ${problem}`),
      ].join("\n"),
    );
  }
  return config;
}

/** Namespaces of the program, the engine and the providers. Any other is a typing error. */
const KNOWN_NAMESPACES = [PROJECT, "pulumi", "docker", "kafka", "postgresql", "random"];

const foreignKeys = (keys: string[]) =>
  keys
    .filter((key) => !KNOWN_NAMESPACES.includes(key.split(":")[0]))
    .map(
      (key) => `${key} has an unknown namespace; the keys of the platform begin with ${PROJECT}:`,
    );

/** Fills in the names and ports that are derived from the stack's name. */
function complete(
  stack: string,
  { walArchive: _, ...settings }: Settings,
): Omit<PlatformConfig, keyof ExistingServers | "walArchive"> {
  const firstPort = settings.firstPort || firstPorts(stack)[0];
  const ports = Object.fromEntries(
    PORT_KEYS.map((key, index) => [key, settings[key] || firstPort + index]),
  ) as Record<PortKey, number>;
  const namePrefix = settings.namePrefix || nameOf(stack, LONGEST_PREFIX, `${PROJECT}-`);
  const sharedPrefix = settings.sharedServers ? nameOf(stack, LONGEST_SHARED_PREFIX) : "";
  return { ...settings, ...ports, firstPort, namePrefix, sharedPrefix, stack };
}

/** Longest derived prefix: with a role after it, it must fit into a host name of 63 characters. */
const LONGEST_PREFIX = 40;
/** The same for names of databases and roles, of which PostgreSQL keeps 63 bytes. */
const LONGEST_SHARED_PREFIX = 30;

/** The stack's name as part of a host name. If characters are lost, a hash keeps it distinct from others. */
function nameOf(stack: string, longest: number, before = ""): string {
  const plain = `${before}${stack}`;
  const safe = plain.toLowerCase().replace(/[^a-z0-9-]/g, "-");
  if (safe === plain && plain.length <= longest) {
    return plain;
  }
  const hash = createHash("sha256").update(stack).digest("hex").slice(0, 6);
  return `${safe.slice(0, longest - hash.length - 1)}-${hash}`;
}

/**
 * First ports of all blocks, in the order in which a stack tries them. The first one follows from the hash of its name:
 * the same in each run and on each machine.
 */
export function firstPorts(stack: string): number[] {
  const hash = createHash("sha256").update(stack).digest().readUInt32BE();
  return Array.from(
    { length: DERIVED_BLOCKS },
    (_, index) => FIRST_DERIVED_PORT + ((hash + index) % DERIVED_BLOCKS) * PORTS_PER_BLOCK,
  );
}

// Checks that concern several values. They read the settings as written: zod skips such checks while any single
// value is invalid, and a person would see them one run later.

/** Compares the ports that are set and valid. */
function samePorts(config: Partial<Record<PortKey, unknown>>): string[] {
  const taken = PORT_KEYS.filter((key) => config[key] !== 0 && port.safeParse(config[key]).success);
  return taken.flatMap((key, index) => {
    const first = taken.findIndex((other) => config[other] === config[key]);
    return first < index
      ? [problem(key, `must differ from ${taken[first]}: both are ${show(config[key])}`)]
      : [];
  });
}

function unusedCertificates({ tls, tlsDirectory }: Record<string, unknown>): string[] {
  const isSet = typeof tlsDirectory === "string" && tlsDirectory !== "";
  return tls === false && isSet
    ? [problem("tlsDirectory", "has no effect while tls is false")]
    : [];
}

function protectedWithoutFsync({ protect, fsync }: Record<string, unknown>): string[] {
  return protect === true && fsync === false
    ? [
        problem(
          "fsync",
          "must be true while protect is: a crash of the machine would damage the data",
        ),
      ]
    : [];
}

function scheduledWithoutPlace(settings: Record<string, unknown>): string[] {
  const isScheduled =
    typeof settings.backupEveryHours === "number" && settings.backupEveryHours > 0;
  return ["backupTo", "backupRecipient"]
    .filter((key) => isScheduled && settings[key] === "")
    .map((key) => problem(key, "must be set while backupEveryHours is more than 0"));
}

/** PostgreSQL does not start on the data of another major version. */
function otherMajor({
  postgresImage,
  postgresMajor,
  postgresServer,
}: Record<string, unknown>): string[] {
  const major = typeof postgresImage === "string" ? majorOfImageName(postgresImage) : undefined;
  const runs = !postgresServer || Object.keys(postgresServer).length === 0;
  return runs && major !== undefined && major !== postgresMajor
    ? [
        problem(
          "postgresImage",
          `is PostgreSQL ${major}, and postgresMajor is ${show(postgresMajor)}. To move a stack with its data: npm run upgrade -- --postgres ${show(postgresImage)}. ` +
            "For a new stack, set postgresMajor, too",
        ),
      ]
    : [];
}

/** A service may use each name that begins with its own: no other stack's names may. */
function unclearPrefix({ sharedPrefix }: PlatformConfig): string[] {
  const service = SERVICE_NAMES.find((name) => `${sharedPrefix}-`.includes(`${name}-`));
  return service === undefined
    ? []
    : [
        problem(
          "sharedServers",
          `must be false for this stack: its name contains ${service}, so that names of its own would look like that service's`,
        ),
      ];
}

function repeatedTopics({ extraTopics }: Record<string, unknown>): string[] {
  const topics = Array.isArray(extraTopics) ? (extraTopics as unknown[]) : [];
  const names = topics.map((topic) => (topic as { name?: unknown } | null)?.name);
  return names.flatMap((name, index) =>
    typeof name === "string" && names.indexOf(name) < index
      ? [problem(pathText(["extraTopics", index, "name"]), `repeats the topic ${name}`)]
      : [],
  );
}

/** Configuration arrives as text. For a key that takes a string, the text is the value. */
function read(key: string, text: string): unknown {
  const takes = schema.shape[key as keyof typeof schema.shape] as z.ZodType | undefined;
  if (takes instanceof z.ZodString) {
    return text;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function describe(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "unrecognized_keys") {
    const where = issue.path.length > 0 ? `${pathText(issue.path)}.` : "";
    const advice = (key: string) =>
      issue.path.length === 0
        ? suggest(key)
        : issue.path[0] === "extraTopics"
          ? `a topic has ${TOPIC_KEYS.join(", ")}`
          : issue.path[0] === "walArchive"
            ? "docs/point-in-time.md lists what may be there"
            : "docs/existing-servers.md lists what may be there";
    return issue.keys.map((key) => problem(`${where}${key}`, `is unknown; ${advice(key)}`));
  }
  const missing = issue.code === "invalid_type" && issue.input === undefined;
  return [problem(pathText(issue.path), missing ? "is missing" : issue.message)];
}

const problem = (key: string, reason: string) => `${PROJECT}:${key} ${reason}`;

const pathText = (path: PropertyKey[]) =>
  path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : `${index > 0 ? "." : ""}${String(part)}`,
    )
    .join("");

/** Suggests the key that was most likely meant. */
function suggest(key: string): string {
  const keys = Object.keys(schema.shape);
  const lower = keys.map((known) => known.toLowerCase());
  const best = closest(key.toLowerCase(), lower);
  // A third of the letters may be wrong: below that, the two have little in common.
  return distance(key.toLowerCase(), best) <= Math.ceil(key.length / 3)
    ? `did you mean ${PROJECT}:${keys[lower.indexOf(best)]}?`
    : "the keys are listed in Pulumi.yaml";
}
