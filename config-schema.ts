/** The keys of a stack's configuration, with the values that each accepts. */
import { z } from "zod";

import {
  IMAGE_KEYS,
  type ImageKey,
  LEAST_MEMORY_MB,
  type MemoryKey,
  PORT_KEYS,
  type PortKey,
  PORTS_PER_BLOCK,
} from "./catalog/servers";
import { TOPICS } from "./catalog/topics";

/** The reason of a refusal, with the value that was found. */
const got = (reason: string) => ({
  error: ({ input }: { input?: unknown }) => `${reason}, got ${show(input)}`,
});

/** A value as a person wrote it, shortened. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

const within = (least: number, most: number, unit: string) => {
  const range = got(`must be ${least} to ${most} ${unit}`);
  return z
    .int(got(`must be a whole number of ${unit}`))
    .min(least, range)
    .max(most, range);
};

/** A port of the host; 0 derives one from the stack's name. */
export const port = z
  .int(got("must be a port number"))
  .refine(
    (value) => value === 0 || (value >= 1024 && value <= 65_535),
    got("must be a port from 1024 to 65535, or 0 to derive one"),
  );

const taggedImage = z
  .string()
  .regex(
    /^[a-z0-9][^\s:]*(:\d+\/[^\s:]+)?(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/,
    got("must be the name of an image"),
  )
  .refine((name) => /@sha256:|:[^/]+$/.test(name), got("must have an explicit tag or digest"))
  .refine((name) => !/:latest$/.test(name), got("must not use the tag latest, which moves"));

const flag = z.boolean(got("must be true or false"));

const extraTopic = z.strictObject({
  name: z
    .string({ error: "must be a string" })
    .regex(
      /^[a-z0-9][a-z0-9.-]{0,248}$/,
      got("must be 1 to 249 lower-case letters, digits, dots and hyphens"),
    )
    .refine(
      (name) => !Object.hasOwn(TOPICS, name),
      got("must not be the name of a topic of the platform"),
    ),
  partitions: within(1, 10_000, "partitions"),
  retentionDays: within(1, 3_650, "days").default(1),
});

const mapKeys = <K extends string, T>(keys: readonly K[], make: (key: K) => T) =>
  Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<K, T>;

const names = {
  firstPort: z
    .int(got("must be a port number"))
    .refine(
      (value) => value === 0 || (value >= 1024 && value <= 65_535 - PORTS_PER_BLOCK),
      got(`must be a port from 1024 to ${65_535 - PORTS_PER_BLOCK}, or 0 to derive one`),
    ),
  namePrefix: z
    .string()
    .regex(
      /^$|^[a-z0-9][a-z0-9-]{0,40}$/,
      got("must be 1 to 41 lower-case letters, digits and hyphens"),
    ),
  ...mapKeys<PortKey, typeof port>(PORT_KEYS, () => port),
};

const containers = {
  imageRegistry: z
    .string()
    .regex(/^$|^[a-z0-9][^\s/]*(\/[^\s/]+)*$/, got("must be host[:port][/path] without a scheme")),
  ...mapKeys<ImageKey, typeof taggedImage>(IMAGE_KEYS, () => taggedImage),
  ...mapKeys(Object.keys(LEAST_MEMORY_MB) as MemoryKey[], (key) =>
    within(LEAST_MEMORY_MB[key], 1_048_576, "MiB"),
  ),
  consoleSchemaRegistry: flag,
  healthTimeoutSeconds: within(5, 3_600, "seconds"),
};

const encryption = {
  tls: flag,
  tlsDirectory: z.string(),
  tlsCertificateDays: within(1, 825, "days"),
};

const data = {
  protect: flag,
  fsync: flag,
  timeToLiveHours: within(0, 8_760, "hours"),
  allowDataLoss: z.array(
    z.string(got("must be a name")),
    got("must be a list of names of topics, databases and volumes"),
  ),
  extraTopics: z.array(extraTopic, got("must be a list of topics")),
};

const migrations = {
  migrationLockTimeoutMs: within(10, 600_000, "milliseconds"),
  migrationStatementTimeoutMs: within(0, 86_400_000, "milliseconds"),
  migrationWaitMs: within(0, 3_600_000, "milliseconds"),
  migrationAllowOutOfOrder: flag,
};

export const schema = z.strictObject({
  ...names,
  ...containers,
  ...encryption,
  ...data,
  ...migrations,
});

export const TOPIC_KEYS = Object.keys(extraTopic.shape);

export type Settings = z.infer<typeof schema>;
