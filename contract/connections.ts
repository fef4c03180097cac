/** What a service connects with. Types only, so that a client needs neither Pulumi nor a component. */
import type {
  CACHE_POOL,
  CACHE_TTL_SECONDS,
  DATABASE_POOL,
  KAFKA_CLIENT,
  PREPARE_THRESHOLD,
  READONLY_POOL,
  SaslMechanism,
} from "../catalog/client-settings";

export interface Login {
  host: string;
  port: number;
  username: string;
  password: string;
  /** The connection string, with the login in it. */
  url: string;
}

export interface DatabaseLogin extends Login {
  /** Name of the database. */
  name: string;
  /**
   * For the JVM, without a login: pass `username` and `password` separately. HikariCP prints the whole
   * address in its exceptions, and PostgreSQL's JDBC driver accepts no login before an @.
   */
  jdbcUrl: string;
  /** Number of executions after which the JDBC driver prepares a statement on the server; also part of `jdbcUrl`. */
  prepareThreshold: typeof PREPARE_THRESHOLD;
}

export interface RedisLogin extends Login {
  /** Start of every key and channel that the service may use. */
  keyPrefix: string;
  pool: typeof CACHE_POOL;
}

export type { SaslMechanism };

export interface KafkaLogin {
  /** host:port, or several with commas between them */
  bootstrapServers: string;
  securityProtocol: "SASL_PLAINTEXT" | "SASL_SSL";
  saslMechanism: SaslMechanism;
  username: string;
  password: string;
  /** A consumer group and a transactional id that the service may use. */
  groupId: string;
  /** Start of the names of further consumer groups; `<service>-` is another. */
  groupPrefix: string;
  /** Start of the names of the platform's topics on this cluster; empty unless several stacks share it. */
  topicPrefix: string;
  /** Start of the names of transactional ids. */
  transactionalIdPrefix: string;
  /** The partitioner, by librdkafka's name for it; Java's client uses it by default. */
  partitioner: typeof KAFKA_CLIENT.partitioner;
  /** Bytes of the largest message, headers included: Java's `max.request.size`, librdkafka's `message.max.bytes`. */
  maxMessageBytes: typeof KAFKA_CLIENT.maxMessageBytes;
}

/** What one service connects with, from the host. Each time is in the unit that its name ends with. */
export interface ServiceConnections {
  database: DatabaseLogin & { pool: typeof DATABASE_POOL };
  /** A login that can only read the service's database. */
  databaseReadonly: DatabaseLogin & { pool: typeof READONLY_POOL };
  cache: RedisLogin & { ttlSeconds: typeof CACHE_TTL_SECONDS };
  /** Absent if the service keeps no sessions. */
  session?: RedisLogin;
  kafka: KafkaLogin;
  /** Absent if the stack has no schema registry. */
  schemaRegistry?: { url: string; username: string; password: string };
  /**
   * Authorities to trust on these connections, as PEM, besides those of the system; absent if there are none, because
   * connections are not encrypted or the system's authorities are enough.
   */
  trustedCertificates?: string;
}
