/** The keys of a stack's configuration, with the values that each accepts. */
import { z } from "zod";

import { POSTGRES_MAJORS } from "./catalog/postgres-majors";
import {
  IMAGE_KEYS,
  type ImageKey,
  LEAST_MEMORY_MB,
  type MemoryKey,
  PORT_KEYS,
  type PortKey,
  PORTS_PER_BLOCK,
  POSTGRES_REPLICAS,
} from "./catalog/servers";
import { TOPICS } from "./catalog/topics";
import { SASL_MECHANISMS } from "./client/src/connections";

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

const nonEmpty = (what: string) => z.string(got(`must be ${what}`)).min(1, got(`must be ${what}`));

/** Its refusal does not repeat it. */
const password = z.string({ error: "must be text" }).min(1, { error: "must not be empty" });

const hostPort = z
  .string(got("must be host:port"))
  .regex(/^[^\s:/]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, got("must be host:port"));

const serverPort = within(1, 65_535, "as a port");

/** A login that is there already. Its password may come from the environment instead (config.ts). */
const administrator = {
  username: nonEmpty("the name of a login"),
  password: password.optional(),
};

const trust = {
  /** Whether connections are encrypted. */
  tls: flag.default(true),
  /** File of the authorities to trust, from the root of the program; without it, those of the system. */
  caFile: nonEmpty("the name of a file").optional(),
};

const login = z.strictObject({ username: nonEmpty("a name"), password });

const postgresServer = z.strictObject({
  host: nonEmpty("a host name"),
  port: serverPort.default(5432),
  ...administrator,
  ...trust,
  /** Database to which the administrator connects. */
  database: nonEmpty("the name of a database").default("postgres"),
  /** Address for migrations, where services connect through a pooler. */
  migrationHost: nonEmpty("a host name").optional(),
  migrationPort: serverPort.optional(),
  /** Address of its read replicas, for the read-only logins of services. */
  readonlyHost: nonEmpty("a host name").optional(),
  readonlyPort: serverPort.optional(),
  /** Extensions that the administrator may create, beyond those that any owner of a database may. */
  extensions: z.array(z.string()).default([]),
});

const redisServer = z.strictObject({
  /** Where its nodes answer. Services connect to the first one; users are created on each. */
  nodes: z.array(hostPort, got("must be a list of host:port")).min(1, got("must name a node")),
  ...administrator,
  username: administrator.username.optional(),
  ...trust,
  /** Users by service that are there already. The stack then creates none. */
  users: z.record(z.string(), login).optional(),
});

const kafkaCluster = z.strictObject({
  bootstrapServers: z
    .array(hostPort, got("must be a list of host:port"))
    .min(1, got("must name a broker")),
  ...administrator,
  ...trust,
  saslMechanism: z
    .enum(SASL_MECHANISMS, got(`must be ${SASL_MECHANISMS.join(" or ")}`))
    .default("SCRAM-SHA-512"),
  /** Whether the administrator may do everything without rights of its own. */
  superuser: flag.default(false),
  replicationFactor: within(1, 100, "copies").default(3),
  /** Settings of topics that the cluster lets nobody change. */
  fixedTopicSettings: z.array(z.string()).default([]),
  /** Users that are there already, by the name that the catalogue has for each. The stack then creates none. */
  users: z
    .record(
      z.string(),
      login.extend({
        /** By which rights name the user, such as `sa-1234`; without it, its username. */
        principal: nonEmpty("a name").optional(),
      }),
    )
    .optional(),
});

const schemaRegistry = z.strictObject({
  url: z.url(got("must be a URL")),
  /** Who registers the schemas of events; without it, the administrator of Kafka. */
  username: nonEmpty("the name of a login").optional(),
  password: password.optional(),
  /** Logins by service; without them, those of Kafka. */
  users: z.record(z.string(), login).optional(),
});

const DEFAULT_REGION = "us-east-1";

const walArchive = z.strictObject({
  destination: z
    .string(got("must be s3://bucket/prefix"))
    .regex(
      /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[\w.-]+)*$/,
      got("must be s3://bucket/prefix"),
    ),
  /** URL of the S3 server, where it is not Amazon's. */
  endpoint: z
    .string()
    .regex(/^https?:\/\/[^\s/]+\/?$/, got("must be a URL that begins with http:// or https://"))
    .optional(),
  region: nonEmpty("the name of a region").default(DEFAULT_REGION),
  accessKeyId: nonEmpty("the id of a key").optional(),
  secretAccessKey: password.optional(),
  /** Hours from one base backup to the next. */
  everyHours: within(1, 720, "hours").default(24),
  /** Days back to which the data can be recovered. */
  keepDays: within(1, 3_650, "days").default(14),
  /** Most WAL that waits while the archive does not answer. Beyond that, the oldest is given up. */
  queueMb: within(64, 1_048_576, "MiB").default(10_240),
});

/** A server that exists already. Left out, or an empty object, the stack runs one in a container. */
const existing = <T extends z.ZodType>(server: T) =>
  z.preprocess(
    (value) =>
      typeof value === "object" && value !== null && Object.keys(value).length === 0
        ? undefined
        : value,
    server.optional(),
  );

/** A secret that the cli cannot decrypt, because it reads the stack's file without the engine. */
export const UNKNOWN_SECRET = "[secret]";

/** The URL is a secret where it has a token in it. */
const webhook = z
  .string()
  .refine((url) => url === "" || url === UNKNOWN_SECRET || /^https?:\/\/[^\s/]/.test(url), {
    error: "must be a URL that begins with http:// or https://",
  });

const servers = {
  postgresServer: existing(postgresServer),
  redisServer: existing(redisServer),
  redisSessionServer: existing(redisServer),
  redisSessionReplica: flag,
  redisCacheCluster: flag,
  kafkaCluster: existing(kafkaCluster),
  schemaRegistry: existing(schemaRegistry),
  postgresReplicas: within(0, POSTGRES_REPLICAS.length, "replicas"),
  eventSchemas: flag,
  sharedServers: flag,
  brokers: z.literal([1, 3], got("must be 1 or 3, as two brokers lose their majority with either")),
  walArchive: existing(walArchive),
  console: flag,
  monitoring: flag,
  grafana: flag,
  alertWebhook: webhook,
};

const containers = {
  postgresMajor: z.literal(POSTGRES_MAJORS, got("must be 16, 17 or 18")),
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

/** By the places that cli/backup/places knows. */
const backups = {
  backupTo: z
    .string()
    .refine(
      (place) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(place) || /^s3:\/\/[a-z0-9]/.test(place),
      got("must be a folder or s3://BUCKET/PREFIX"),
    ),
  /** Its refusal does not repeat it: somebody may have taken the private key. */
  backupRecipient: z
    .string()
    .regex(/^$|^age1[a-z0-9]+$/, { error: "must be a public key of age, which begins with age1" }),
  backupEveryHours: within(0, 8_760, "hours"),
  backupKeep: within(0, 10_000, "backups"),
};

const migrations = {
  migrationLockTimeoutMs: within(10, 600_000, "milliseconds"),
  migrationStatementTimeoutMs: within(0, 86_400_000, "milliseconds"),
  migrationWaitMs: within(0, 3_600_000, "milliseconds"),
  migrationAllowOutOfOrder: flag,
};

export const schema = z.strictObject({
  ...names,
  ...servers,
  ...containers,
  ...encryption,
  ...data,
  ...backups,
  ...migrations,
});

export const TOPIC_KEYS = Object.keys(extraTopic.shape);

export type Settings = z.infer<typeof schema>;
