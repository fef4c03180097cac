/**
 * What one service connects with, as JSON: the platform's program writes it (its type is derived from this schema) and
 * the client reads it, so that the two cannot differ. Each time is in the unit that its name ends with.
 */
import { z } from "zod";

const text = z.string().min(1);
const count = z.int().nonnegative();
const port = z.int().min(1).max(65_535);

const login = z.object({
  host: text,
  port,
  username: text,
  password: z.string(),
  /** The connection string, with the login in it. */
  url: text,
});

/** SASL mechanisms with which users may log in to the Kafka API. PLAIN is for clusters that give out keys. */
export const SASL_MECHANISMS = ["SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"] as const;
export type SaslMechanism = (typeof SASL_MECHANISMS)[number];

/** Pool of database connections of one instance of a service, in the terms of HikariCP. */
const databasePool = z.object({
  maximumPoolSize: count,
  minimumIdle: count,
  connectionTimeoutMs: count,
  idleTimeoutMs: count,
  maxLifetimeMs: count,
  leakDetectionThresholdMs: count,
  preparedStatementCacheSize: count,
});

const databaseLogin = login.extend({
  /** Name of the database. */
  name: text,
  /**
   * For the JVM, without a login: pass `username` and `password` separately. HikariCP prints the whole
   * address in its exceptions, and PostgreSQL's JDBC driver accepts no login before an @.
   */
  jdbcUrl: text,
  /** Number of executions after which the JDBC driver prepares a statement on the server; also part of `jdbcUrl`. */
  prepareThreshold: count,
  pool: databasePool,
});

const redisLogin = login.extend({
  /** Start of every key and channel that the service may use. */
  keyPrefix: text,
  pool: z.object({ maxActive: count, maxIdle: count, minIdle: count, maxWaitMs: count }),
});

/** Lists of host:port with commas between them. */
const cluster = z.object({
  /** Where each node answers. */
  nodes: text,
  /**
   * The address by which each node tells clients of itself, in the order of `nodes`. Where the two differ, a client must
   * connect to the address in `nodes` in its place.
   */
  announcedNodes: text,
});

/** Time to live of a cache entry in seconds, by type of data; `default` is for anything else. */
const ttlSeconds = z.object({
  users: count,
  sessions: count,
  content: count,
  agents: count,
  payments: count,
  analytics: count,
  default: count,
});

const kafkaLogin = z.object({
  /** host:port, or several with commas between them */
  bootstrapServers: text,
  securityProtocol: z.enum(["SASL_PLAINTEXT", "SASL_SSL"]),
  saslMechanism: z.enum(SASL_MECHANISMS),
  username: text,
  password: z.string(),
  /** A consumer group and a transactional id that the service may use. */
  groupId: text,
  /** Start of the names of further consumer groups; `<service>-` is another. */
  groupPrefix: text,
  /** Start of the names of the platform's topics on this cluster; empty unless several stacks share it. */
  topicPrefix: z.string(),
  /** Start of the names of transactional ids. */
  transactionalIdPrefix: text,
  /** The partitioner, by librdkafka's name for it; Java's client uses it by default. */
  partitioner: z.literal("murmur2_random"),
  /** Bytes of the largest message, headers included: Java's `max.request.size`, librdkafka's `message.max.bytes`. */
  maxMessageBytes: count,
});

/** Keys that it does not name are left out, so that an older client reads the settings of a newer platform. */
export const serviceConnectionsSchema = z.object({
  database: databaseLogin,
  /** A login that can only read the service's database, on a replica where the stack has one. */
  databaseReadonly: databaseLogin,
  cache: redisLogin.extend({
    ttlSeconds,
    /** Absent if the cache is one server; otherwise only a client of Redis Cluster reads every key. */
    cluster: cluster.optional(),
  }),
  /** Absent if the service keeps no sessions. */
  session: redisLogin
    .extend({
      /**
       * host:port of two servers with a comma between them, of which one is the primary and the other one refuses writes;
       * absent if there is one server. A failover exchanges the two.
       */
      nodes: text.optional(),
    })
    .optional(),
  kafka: kafkaLogin,
  /** Absent if the stack has no schema registry. */
  schemaRegistry: z.object({ url: text, username: text, password: z.string() }).optional(),
  /**
   * Authorities to trust on these connections, as PEM, besides those of the system; absent if there are none, because
   * connections are not encrypted or the system's authorities are enough.
   */
  trustedCertificates: text.optional(),
});

export type ServiceConnections = z.infer<typeof serviceConnectionsSchema>;
export type Login = z.infer<typeof login>;
export type DatabaseConnection = z.infer<typeof databaseLogin>;
export type RedisLogin = z.infer<typeof redisLogin>;
export type CacheConnection = ServiceConnections["cache"];
export type KafkaLogin = z.infer<typeof kafkaLogin>;
/** Type of cached data, which has a time to live of its own. */
export type CacheType = keyof CacheConnection["ttlSeconds"];
