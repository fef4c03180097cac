import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

import { TOPICS } from "./catalog/topics";

const PROJECT = "learning-platform";

/** Ports derived from a stack's name lie in 20000-29999: below the ports that systems hand out themselves. */
const FIRST_DERIVED_PORT = 20_000;
const DERIVED_BLOCKS = 1_000;
const PORTS_PER_BLOCK = 10;

const PORT_KEYS = [
  "postgresPort",
  "redisPort",
  "redisSessionPort",
  "kafkaPort",
  "schemaRegistryPort",
  "redpandaAdminPort",
  "consolePort",
] as const;
type PortKey = (typeof PORT_KEYS)[number];

const within = (least: number, most: number, unit: string) =>
  z
    .int({ error: ({ input }) => `must be a whole number of ${unit}, got ${shown(input)}` })
    .min(least, {
      error: ({ input }) => `must be ${least} to ${most} ${unit}, got ${shown(input)}`,
    })
    .max(most, {
      error: ({ input }) => `must be ${least} to ${most} ${unit}, got ${shown(input)}`,
    });

const port = z
  .int({ error: ({ input }) => `must be a port number, got ${shown(input)}` })
  .refine((value) => value === 0 || (value >= 1024 && value <= 65_535), {
    error: ({ input }) =>
      `must be a port from 1024 to 65535, or 0 to derive one, got ${shown(input)}`,
  });

const image = z
  .string()
  .regex(/^[a-z0-9][^\s:]*(:\d+\/[^\s:]+)?(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/, {
    error: ({ input }) => `must be the name of an image, got ${shown(input)}`,
  });
const taggedImage = image
  .refine((name) => /@sha256:|:[^/]+$/.test(name), {
    error: ({ input }) => `must have an explicit tag or digest, got ${shown(input)}`,
  })
  .refine((name) => !/:latest$/.test(name), { error: "must not be the tag latest, which moves" });

const flag = z.boolean({ error: ({ input }) => `must be true or false, got ${shown(input)}` });

const topicName = z
  .string({ error: "must be a string" })
  .regex(/^[a-z0-9][a-z0-9.-]{0,248}$/, {
    error: ({ input }) =>
      `must be 1 to 249 lower-case letters, digits, dots and hyphens, got ${shown(input)}`,
  })
  .refine((name) => !Object.hasOwn(TOPICS, name), {
    error: ({ input }) => `names a topic of the platform: ${shown(input)}`,
  });

const schema = z.strictObject({
  namePrefix: z.string().regex(/^$|^[a-z0-9][a-z0-9-]{0,40}$/, {
    error: ({ input }) =>
      `must be 1 to 41 lower-case letters, digits and hyphens, got ${shown(input)}`,
  }),
  ...(Object.fromEntries(PORT_KEYS.map((key) => [key, port])) as Record<PortKey, typeof port>),
  imageRegistry: z.string().regex(/^$|^[a-z0-9][^\s/]*(\/[^\s/]+)*$/, {
    error: ({ input }) => `must be host[:port][/path] without a scheme, got ${shown(input)}`,
  }),
  postgresImage: taggedImage,
  redisImage: taggedImage,
  redpandaImage: taggedImage,
  consoleImage: taggedImage,
  postgresMemoryMb: within(256, 1_048_576, "MiB"),
  redisMemoryMb: within(32, 1_048_576, "MiB"),
  redpandaMemoryMb: within(1_024, 1_048_576, "MiB"),
  consoleMemoryMb: within(64, 1_048_576, "MiB"),
  consoleSchemaRegistry: flag,
  tls: flag,
  tlsDirectory: z.string(),
  tlsCertificateDays: within(1, 825, "days"),
  healthTimeoutSeconds: within(5, 3_600, "seconds"),
  protect: flag,
  allowDataLoss: z.array(
    z.string({ error: ({ input }) => `must be a name, got ${shown(input)}` }),
    {
      error: ({ input }) =>
        `must be a list of names of topics, databases and volumes, got ${shown(input)}`,
    },
  ),
  extraTopics: z.array(
    z.strictObject({
      name: topicName,
      partitions: within(1, 10_000, "partitions"),
      retentionDays: within(1, 3_650, "days").default(1),
    }),
    { error: ({ input }) => `must be a list of topics, got ${shown(input)}` },
  ),
  migrationLockTimeoutMs: within(10, 600_000, "milliseconds"),
  migrationStatementTimeoutMs: within(0, 86_400_000, "milliseconds"),
  migrationWaitMs: within(0, 3_600_000, "milliseconds"),
  migrationAllowOutOfOrder: flag,
});

type Settings = z.infer<typeof schema>;

/** The configuration of one stack: checked, with every derived name and port filled in. */
export interface PlatformConfig extends Settings {
  stack: string;
}

/**
 * Reads and checks the stack's configuration; nothing else reads it.
 * @throws pulumi.RunError that lists every fault with the key to mend
 */
export function loadConfig(): PlatformConfig {
  return parseConfig(pulumi.getStack(), pulumi.runtime.allConfig());
}

/**
 * Checks configuration as the engine hands it over.
 * @param stack name of the stack, from which names and ports are derived
 * @param values text by `<namespace>:<key>`; anything but a string is JSON
 * @throws pulumi.RunError that lists every fault with the key to mend
 */
export function parseConfig(stack: string, values: Record<string, string>): PlatformConfig {
  const own = Object.entries(values)
    .filter(([key]) => key.startsWith(`${PROJECT}:`))
    .map(([key, text]) => [key.slice(PROJECT.length + 1), text] as const);
  const settings: Record<string, unknown> = Object.fromEntries(
    own.map(([key, text]) => [key, read(key, text)]),
  );
  const parsed = schema.safeParse(settings, { reportInput: true });
  const faults = parsed.success ? [] : parsed.error.issues.flatMap(describe);
  faults.push(...foreignKeys(Object.keys(values)));
  const config = parsed.success ? complete(stack, parsed.data) : undefined;
  faults.push(
    ...samePorts(config ?? settings),
    ...unusedCertificates(settings),
    ...repeatedTopics(settings),
  );
  if (faults.length > 0 || !config) {
    throw new pulumi.RunError(
      [
        `The configuration of stack ${stack} is refused:`,
        ...faults.map((fault) => `  ${fault}`),
      ].join("\n"),
    );
  }
  return config;
}

/** Settings of the engine and of the providers; any other namespace is a typing error. */
const KNOWN_NAMESPACES = [PROJECT, "pulumi", "docker", "kafka", "postgresql", "random"];

const foreignKeys = (keys: string[]) =>
  keys
    .filter((key) => !KNOWN_NAMESPACES.includes(key.split(":")[0]))
    .map((key) => `${key} is of an unknown namespace; the platform's keys begin with ${PROJECT}:`);

/** Fills in what is derived from the name of the stack. */
function complete(stack: string, settings: Settings): PlatformConfig {
  const derived = derivedPorts(stack);
  const ports = Object.fromEntries(
    PORT_KEYS.map((key) => [key, settings[key] === 0 ? derived[key] : settings[key]]),
  ) as Record<PortKey, number>;
  const namePrefix = settings.namePrefix === "" ? derivedPrefix(stack) : settings.namePrefix;
  return { ...settings, ...ports, namePrefix, stack };
}

/** Most characters of a derived prefix: with a role behind it, it must make a host name of 63 at most. */
const LONGEST_PREFIX = 40;

/** The stack's name as part of a host name; where that loses anything, a hash keeps it apart from others. */
function derivedPrefix(stack: string): string {
  const plain = `${PROJECT}-${stack}`;
  const safe = plain.toLowerCase().replace(/[^a-z0-9-]/g, "-");
  if (safe === plain && plain.length <= LONGEST_PREFIX) {
    return plain;
  }
  const hash = createHash("sha256").update(stack).digest("hex").slice(0, 6);
  return `${safe.slice(0, LONGEST_PREFIX - hash.length - 1)}-${hash}`;
}

/** A block of ports by the hash of the stack's name: the same at each run and on each machine. */
function derivedPorts(stack: string): Record<PortKey, number> {
  const hash = createHash("sha256").update(stack).digest().readUInt32BE();
  const first = FIRST_DERIVED_PORT + (hash % DERIVED_BLOCKS) * PORTS_PER_BLOCK;
  return Object.fromEntries(PORT_KEYS.map((key, index) => [key, first + index])) as Record<
    PortKey,
    number
  >;
}

// Faults that concern several values. They read the settings as given, because zod leaves such checks
// out while any single value is invalid, and a person would meet them one run later.

/** Compares the ports that are given and valid. */
function samePorts(config: Partial<Record<PortKey, unknown>>): string[] {
  const taken = PORT_KEYS.filter((key) => config[key] !== 0 && port.safeParse(config[key]).success);
  return taken.flatMap((key, index) => {
    const first = taken.findIndex((other) => config[other] === config[key]);
    return first < index
      ? [fault(key, `must differ from ${taken[first]}: both are ${shown(config[key])}`)]
      : [];
  });
}

function unusedCertificates({ tls, tlsDirectory }: Record<string, unknown>): string[] {
  const isGiven = typeof tlsDirectory === "string" && tlsDirectory !== "";
  return tls === false && isGiven
    ? [fault("tlsDirectory", "has no effect while tls is false")]
    : [];
}

function repeatedTopics({ extraTopics }: Record<string, unknown>): string[] {
  const topics = Array.isArray(extraTopics) ? (extraTopics as unknown[]) : [];
  const names = topics.map((topic) => (topic as { name?: unknown } | null)?.name);
  return names.flatMap((name, index) =>
    typeof name === "string" && names.indexOf(name) < index
      ? [fault(pathText(["extraTopics", index, "name"]), `names the topic ${name} a second time`)]
      : [],
  );
}

/** Configuration arrives as text; where the key takes a string, the text is the value. */
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
    const known = issue.path.length > 0 ? "name, partitions, retentionDays" : undefined;
    return issue.keys.map((key) =>
      fault(
        `${where}${key}`,
        known ? `is unknown; a topic has ${known}` : `is unknown; ${nearest(key)}`,
      ),
    );
  }
  const missing = issue.code === "invalid_type" && issue.input === undefined;
  return [fault(pathText(issue.path), missing ? "is missing" : issue.message)];
}

const fault = (key: string, reason: string) => `${PROJECT}:${key} ${reason}`;

const pathText = (path: PropertyKey[]) =>
  path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : `${index > 0 ? "." : ""}${String(part)}`,
    )
    .join("");

/** The key that was most likely meant, by the letters that both begin and end with. */
function nearest(key: string): string {
  const likeness = (known: string) => {
    const lower = [known.toLowerCase(), key.toLowerCase()];
    const same = (a: string, b: string) => {
      const end = [...a].findIndex((letter, index) => letter !== b[index]);
      return end < 0 ? a.length : end;
    };
    const reversed = lower.map((text) => [...text].reverse().join(""));
    return same(lower[0], lower[1]) + same(reversed[0], reversed[1]);
  };
  const keys = Object.keys(schema.shape);
  const best = keys.reduce((a, b) => (likeness(b) > likeness(a) ? b : a));
  return likeness(best) * 2 > key.length
    ? `did you mean ${PROJECT}:${best}?`
    : `the keys are listed in Pulumi.yaml`;
}

/** A value as a person wrote it, cut short. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
