/**
 * Connections as an application.yml for Spring Boot. Its names were compared with the metadata
 * (META-INF/spring-configuration-metadata.json) of Spring Boot 4.0.7 and 3.5.7, which differ in the namespace of sessions.
 */
import { stringify } from "yaml";

import { USUAL_COMPRESSION } from "../../catalog/topics";
import type {
  KafkaLogin,
  RedisLogin,
  SaslMechanism,
  ServiceConnections,
} from "../../contract/connections";
import { encryptsDatabase, encryptsRedis } from "./encryption";

/** Name of the bundle with the authorities to trust (spring.ssl.bundle.pem). */
const BUNDLE = "platform";

/**
 * What Spring Boot has no property for is below `platform`: docs/clients.md has the beans that read it.
 * @param caFile where the service finds the authorities to trust; PostgreSQL's driver reads them from a file only
 */
export function springText(
  service: string,
  connections: ServiceConnections,
  caFile?: string,
): string {
  const { trustedCertificates } = connections;
  const driver = driverProperties(connections, caFile);
  const text = stringify(literal({ spring: springProperties(), ...ownProperties() }), {
    lineWidth: 0,
    // Spring's parser has the types of YAML 1.1, for which more plain words are numbers and booleans.
    defaultStringType: "QUOTE_DOUBLE",
    defaultKeyType: "PLAIN",
  });
  return `# Connections of ${service}, for Spring Boot 3.5 and 4.0: npm run env -- ${service} --format spring\n${text}`;

  function springProperties() {
    const { database, cache, session } = connections;
    const { jdbcUrl: url, username, password } = database;
    return {
      ...(trustedCertificates && {
        ssl: {
          bundle: { pem: { [BUNDLE]: { truststore: { certificate: trustedCertificates } } } },
        },
      }),
      datasource: {
        url,
        username,
        password,
        hikari: { "pool-name": service, ...hikariPool(database), ...driver },
      },
      // Migrations are the platform's; a service's login cannot change its schema.
      jpa: { hibernate: { "ddl-auto": "validate" } },
      flyway: { enabled: false },
      liquibase: { enabled: false },
      data: { redis: redisProperties(cache, trustedCertificates) },
      cache: {
        type: "redis",
        redis: {
          "key-prefix": cache.keyPrefix,
          "use-key-prefix": true,
          "time-to-live": seconds(cache.ttlSeconds.default),
        },
      },
      ...(session && { session: sessionProperties(session) }),
      kafka: kafkaProperties(connections),
    };
  }

  function ownProperties() {
    const { databaseReadonly, cache, session, kafka, schemaRegistry } = connections;
    return {
      // Its check asks for INFO, which is the administrators'.
      management: { health: { redis: { enabled: false } } },
      platform: {
        "database-readonly": {
          "jdbc-url": databaseReadonly.jdbcUrl,
          username: databaseReadonly.username,
          password: databaseReadonly.password,
          "pool-name": `${service}-readonly`,
          ...hikariPool(databaseReadonly),
          ...driver,
        },
        cache: {
          "time-to-live": Object.fromEntries(
            Object.entries(cache.ttlSeconds).map(([type, ttl]) => [type, seconds(ttl)]),
          ),
          ...(cache.cluster && {
            cluster: {
              nodes: cache.cluster.nodes,
              "announced-nodes": cache.cluster.announcedNodes,
            },
          }),
        },
        ...(session && {
          session: {
            url: session.url,
            ...(session.nodes && { nodes: session.nodes }),
            "key-prefix": session.keyPrefix,
          },
        }),
        kafka: {
          "group-prefix": kafka.groupPrefix,
          "topic-prefix": kafka.topicPrefix,
          // As spring.kafka.producer.transaction-id-prefix it would refuse each message outside of a transaction.
          "transaction-id-prefix": kafka.transactionalIdPrefix,
        },
        ...(schemaRegistry && { "schema-registry": schemaRegistry }),
      },
    };
  }
}

/** Whether a service needs the authorities in a file, as PostgreSQL's driver does. */
export const needsCaFile = ({ database, trustedCertificates }: ServiceConnections): boolean =>
  encryptsDatabase(database) && trustedCertificates !== undefined;

/** pgjdbc trusts the authorities of ~/.postgresql/root.crt by default, and those of the JVM by this class. */
function driverProperties(connections: ServiceConnections, caFile: string | undefined) {
  if (!encryptsDatabase(connections.database)) {
    return {};
  }
  const trust = needsCaFile(connections)
    ? { sslrootcert: caFile }
    : { sslfactory: "org.postgresql.ssl.DefaultJavaSSLFactory" };
  return { "data-source-properties": trust };
}

/** Times of HikariCP are milliseconds. The cache of prepared statements is the driver's, in the URL. */
const hikariPool = ({
  pool,
}: ServiceConnections["database"] | ServiceConnections["databaseReadonly"]) => ({
  "maximum-pool-size": pool.maximumPoolSize,
  "minimum-idle": pool.minimumIdle,
  "connection-timeout": pool.connectionTimeoutMs,
  "idle-timeout": pool.idleTimeoutMs,
  "max-lifetime": pool.maxLifetimeMs,
  "leak-detection-threshold": pool.leakDetectionThresholdMs,
});

function redisProperties(
  login: ServiceConnections["cache"],
  trustedCertificates: string | undefined,
) {
  const { host, port, username, password, pool, url, cluster } = login;
  const trust = trustedCertificates === undefined ? {} : { bundle: BUNDLE };
  return {
    ...(cluster === undefined ? { host, port } : { cluster: { nodes: cluster.nodes.split(",") } }),
    username,
    password,
    ...(encryptsRedis({ url }) && { ssl: { enabled: true, ...trust } }),
    // Lettuce waits a minute for an answer, unless it is told otherwise.
    timeout: `${pool.maxWaitMs}ms`,
    // Lettuce pools where commons-pool2 is on the classpath. It keeps idle connections only while it looks after them.
    lettuce: {
      // Otherwise Lettuce keeps the nodes that it found at its start.
      ...(cluster && { cluster: { refresh: { adaptive: true, period: "60s" } } }),
      pool: {
        "max-active": pool.maxActive,
        "max-idle": pool.maxIdle,
        "min-idle": pool.minIdle,
        "max-wait": `${pool.maxWaitMs}ms`,
        "time-between-eviction-runs": "30s",
      },
    },
  };
}

/** The first name is that of Spring Boot 4, the second that of 3. Each ignores the other's. */
function sessionProperties({ keyPrefix }: RedisLogin) {
  const namespace = `${keyPrefix}session`;
  return { data: { redis: { namespace } }, redis: { namespace } };
}

function kafkaProperties({ kafka, schemaRegistry, trustedCertificates }: ServiceConnections) {
  return {
    "bootstrap-servers": kafka.bootstrapServers,
    security: { protocol: kafka.securityProtocol },
    ...(kafka.securityProtocol === "SASL_SSL" &&
      trustedCertificates !== undefined && { ssl: { bundle: BUNDLE } }),
    properties: {
      "sasl.mechanism": kafka.saslMechanism,
      "sasl.jaas.config": jaasLogin(kafka),
      // For the serializers of the schema registry; Kafka's own clients pass them on.
      ...(schemaRegistry && {
        "schema.registry.url": schemaRegistry.url,
        "basic.auth.credentials.source": "USER_INFO",
        "basic.auth.user.info": `${schemaRegistry.username}:${schemaRegistry.password}`,
      }),
    },
    // Kafka's default skips what was written before a group's first start.
    consumer: { "group-id": kafka.groupId, "auto-offset-reset": "earliest" },
    producer: {
      // Kafka's default is none, and Redpanda stores batches as they arrive.
      "compression-type": USUAL_COMPRESSION,
      properties: { "max.request.size": kafka.maxMessageBytes },
    },
    // A service cannot create topics.
    admin: { "auto-create": false },
  };
}

const MODULES: Readonly<Record<SaslMechanism, string>> = {
  "SCRAM-SHA-256": "scram.ScramLoginModule",
  "SCRAM-SHA-512": "scram.ScramLoginModule",
  PLAIN: "plain.PlainLoginModule",
};

/** Kafka reads the options as a StreamTokenizer does, for which a backslash escapes. */
function jaasLogin({ saslMechanism, username, password }: KafkaLogin): string {
  const [user, secret] = [username, password].map(
    (text) => `"${text.replace(/["\\]/g, (character) => `\\${character}`)}"`,
  );
  return `org.apache.kafka.common.security.${MODULES[saslMechanism]} required username=${user} password=${secret};`;
}

const seconds = (count: number) => `${count}s`;

/** Spring replaces ${...} in values; since Spring Framework 6.2 a backslash keeps it from that. */
function literal(value: unknown): unknown {
  if (typeof value === "string") {
    return value.replaceAll("${", "\\${");
  }
  if (Array.isArray(value)) {
    return value.map(literal);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, literal(part)]))
    : value;
}
