import { stringify } from "yaml";

export const KAFKA_ADMIN = "platform-admin";
export const SCRAM_MECHANISM = "SCRAM-SHA-256";

/** Ports inside the container. 19092 is the listener advertised to the host; 9092 answers with a name only the network resolves. */
export const BROKER_PORTS = {
  internal: 9092,
  external: 19_092,
  schemaRegistry: 8081,
  admin: 9644,
} as const;

export interface BrokerListeners {
  /** Name of the container on the platform's network. */
  hostname: string;
  /** Host and port at which clients on the host reach the external listener. */
  externalHost: string;
  externalPort: number;
}

/** The broker's own settings, redpanda.yaml: listeners, each with SASL, and what they advertise. */
export function redpandaYaml({ hostname, externalHost, externalPort }: BrokerListeners): string {
  const address = "0.0.0.0";
  return stringify({
    redpanda: {
      data_directory: "/var/lib/redpanda/data",
      empty_seed_starts_cluster: true,
      seed_servers: [],
      // Brokers speak to each other here, without a login: a single one needs nobody else.
      rpc_server: { address: "127.0.0.1", port: 33_145 },
      kafka_api: [
        { name: "internal", address, port: BROKER_PORTS.internal, authentication_method: "sasl" },
        { name: "external", address, port: BROKER_PORTS.external, authentication_method: "sasl" },
      ],
      advertised_kafka_api: [
        { name: "internal", address: hostname, port: BROKER_PORTS.internal },
        { name: "external", address: externalHost, port: externalPort },
      ],
      admin: [{ address, port: BROKER_PORTS.admin }],
    },
    schema_registry: {
      schema_registry_api: [
        {
          name: "main",
          address,
          port: BROKER_PORTS.schemaRegistry,
          authentication_method: "http_basic",
        },
      ],
    },
  });
}

/**
 * The cluster's settings, .bootstrap.yaml; read on the very first start only.
 * The mode dev-container would create topics by a typing error, and acknowledge what is not on disk.
 */
export function bootstrapYaml(): string {
  return stringify({
    superusers: [KAFKA_ADMIN],
    kafka_enable_authorization: true,
    admin_api_require_auth: true,
    auto_create_topics_enabled: false,
    write_caching_default: "disabled",
    default_topic_replications: 1,
  });
}

/**
 * Fails until the admin API, the schema registry and the Kafka API all answer.
 * Written for bash alone: the image has no HTTP client that can be relied on.
 */
export const BROKER_HEALTH_TEST = [
  "CMD",
  "bash",
  "-c",
  [
    `ok() { exec 3<>/dev/tcp/127.0.0.1/$1 && printf 'GET %s HTTP/1.0\\r\\n\\r\\n' $2 >&3 && head -n 1 <&3 | grep -q ' 200 '; }`,
    `ok ${BROKER_PORTS.admin} /v1/status/ready && ok ${BROKER_PORTS.schemaRegistry} /status/ready && exec 3<>/dev/tcp/127.0.0.1/${BROKER_PORTS.internal}`,
  ].join("; "),
];

export interface ConsoleConnections {
  brokers: string[];
  schemaRegistryUrl: string;
  username: string;
  password: string;
}

/** Redpanda Console's configuration file. */
export function consoleYaml({
  brokers,
  schemaRegistryUrl,
  username,
  password,
}: ConsoleConnections) {
  return stringify({
    kafka: {
      brokers,
      sasl: { enabled: true, mechanism: SCRAM_MECHANISM, username, password },
    },
    schemaRegistry: {
      enabled: true,
      urls: [schemaRegistryUrl],
      authentication: { basic: { username, password } },
    },
    server: { listenPort: 8080 },
  });
}
