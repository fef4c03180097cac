import { stringify } from "yaml";

import type { SaslMechanism } from "../../contract/connections";
import { TLS_FILES } from "../platform/tls-files";

export const KAFKA_ADMIN = "platform-admin";
export const SCRAM_MECHANISM: SaslMechanism = "SCRAM-SHA-256";

/** Ports in the container. 19092 is advertised to the host; 9092 answers with a name that only the network resolves. */
export const BROKER_PORTS = {
  internal: 9092,
  external: 19_092,
  schemaRegistry: 8081,
  admin: 9644,
} as const;

/** Ports of the health check inside the container if TLS is on, as it speaks no TLS. 8082 is the HTTP proxy's. */
const PROBE_PORTS = { schemaRegistry: 8083, admin: 9645 } as const;

export interface BrokerListeners {
  /** Name of the container on the platform's network. */
  hostname: string;
  /** Host and port at which clients on the host reach the external listener. */
  externalHost: string;
  externalPort: number;
  /** Whether all of them, the registry and the admin API are encrypted. */
  tls: boolean;
}

const ADDRESS = "0.0.0.0";
const LOOPBACK = "127.0.0.1";

/**
 * The broker's own settings, redpanda.yaml: listeners, each with SASL, and what they advertise. Even another order of
 * the keys replaces the container.
 */
export function redpandaYaml(listeners: BrokerListeners): string {
  const { hostname, tls } = listeners;
  return stringify({
    redpanda: brokerSection(listeners),
    schema_registry: registrySection(tls),
    // The registry is a client of the broker, and uses the name in its certificate.
    ...(tls
      ? {
          schema_registry_client: {
            brokers: [{ address: hostname, port: BROKER_PORTS.internal }],
            broker_tls: { enabled: true, truststore_file: TLS_FILES.trusted },
          },
        }
      : {}),
  });
}

function brokerSection({ hostname, externalHost, externalPort, tls }: BrokerListeners) {
  const sasl = { authentication_method: "sasl" };
  return {
    data_directory: "/var/lib/redpanda/data",
    empty_seed_starts_cluster: true,
    seed_servers: [],
    // Brokers connect to each other here, without a login. A single broker needs only itself.
    rpc_server: { address: LOOPBACK, port: 33_145 },
    kafka_api: [
      { name: "internal", address: ADDRESS, port: BROKER_PORTS.internal, ...sasl },
      { name: "external", address: ADDRESS, port: BROKER_PORTS.external, ...sasl },
    ],
    advertised_kafka_api: [
      { name: "internal", address: hostname, port: BROKER_PORTS.internal },
      { name: "external", address: externalHost, port: externalPort },
    ],
    ...(tls
      ? {
          kafka_api_tls: encrypted("internal", "external"),
          admin: [
            { name: "main", address: ADDRESS, port: BROKER_PORTS.admin },
            { name: "probe", address: LOOPBACK, port: PROBE_PORTS.admin },
          ],
          admin_api_tls: encrypted("main"),
        }
      : { admin: [{ address: ADDRESS, port: BROKER_PORTS.admin }] }),
  };
}

function registrySection(tls: boolean) {
  const basic = { authentication_method: "http_basic" };
  return {
    schema_registry_api: [
      { name: "main", address: ADDRESS, port: BROKER_PORTS.schemaRegistry, ...basic },
      ...(tls
        ? [{ name: "probe", address: LOOPBACK, port: PROBE_PORTS.schemaRegistry, ...basic }]
        : []),
    ],
    ...(tls ? { schema_registry_api_tls: encrypted("main") } : {}),
  };
}

const encrypted = (...listeners: string[]) =>
  listeners.map((name) => ({
    name,
    enabled: true,
    cert_file: TLS_FILES.certificate,
    key_file: TLS_FILES.privateKey,
    truststore_file: TLS_FILES.trusted,
    // Clients log in with name and password, and need no certificate.
    require_client_auth: false,
  }));

/**
 * The cluster's settings, .bootstrap.yaml; read on the very first start only. Beside this file, none of the
 * cluster's settings that the mode dev-container writes into redpanda.yaml apply (redpanda v26.2,
 * src/v/cluster/config_manager.cc, preload), and the last three would be 5 GiB, 3 s and 16 partitions.
 * write_caching_default stays "false": Redpanda reports "disabled" as a setting of each topic, so that
 * every topic would differ from the program (src/v/kafka/server/handlers/configs/config_response_utils.cc).
 */
export function bootstrapYaml(): string {
  return stringify({
    superusers: [KAFKA_ADMIN],
    kafka_enable_authorization: true,
    admin_api_require_auth: true,
    auto_create_topics_enabled: false,
    default_topic_replications: 1,
    // Free bytes on the volume below which producers are rejected; the least allowed value.
    storage_min_free_bytes: 10_485_760,
    // Milliseconds that the first member of a consumer group waits for others.
    group_initial_rebalance_delay: 0,
    group_topic_partitions: 3,
  });
}

/** A file on the data volume once the broker has been healthy: the next start needs no first user. */
export const STARTED_FILE = ".platform-started";

/**
 * Fails until the admin API reports "ready", and the schema registry and the Kafka API answer. The admin API
 * answers 200 while it boots too (redpanda v26.2, src/v/redpanda/admin/server.cc, register_status_routes).
 * Needs only bash: the image has no reliable HTTP client.
 * @param started file that is created once it has succeeded
 */
export function brokerProbe(tls: boolean, started: string): string[] {
  const { schemaRegistry, admin } = tls ? PROBE_PORTS : BROKER_PORTS;
  const script = [
    `ok() { exec 3<>/dev/tcp/127.0.0.1/$1 && printf 'GET %s HTTP/1.0\\r\\nConnection: close\\r\\n\\r\\n' $2 >&3 && grep -q "$3" <&3; }`,
    `ok ${admin} /v1/status/ready '"ready"' && ok ${schemaRegistry} /status/ready '^HTTP/1.. 200 ' && exec 3<>/dev/tcp/127.0.0.1/${BROKER_PORTS.internal} && { [ -e ${started} ] || touch ${started}; }`,
  ];
  return ["bash", "-c", script.join("; ")];
}

export interface ConsoleConnections {
  brokers: string[];
  /** Without it, the page shows no schemas. With it, everybody who opens the page may change and delete them. */
  schemaRegistryUrl?: string;
  mechanism: SaslMechanism;
  username: string;
  password: string;
  /** How it encrypts the connection to the brokers, and that to a registry with https; undefined for not at all. */
  tls?: {
    /** File of the authorities to trust; without it, those of the system. */
    caFile?: string;
  };
}

/** Redpanda Console's configuration file. */
export function consoleYaml({
  brokers,
  schemaRegistryUrl,
  mechanism,
  username,
  password,
  tls,
}: ConsoleConnections) {
  const encrypted = {
    tls: { enabled: true, ...(tls?.caFile === undefined ? {} : { caFilepath: tls.caFile }) },
  };
  const isEncrypted = schemaRegistryUrl?.startsWith("https:");
  return stringify({
    kafka: {
      brokers,
      sasl: { enabled: true, mechanism, username, password },
      ...(tls ? encrypted : {}),
    },
    ...(schemaRegistryUrl === undefined
      ? {}
      : {
          schemaRegistry: {
            enabled: true,
            urls: [schemaRegistryUrl],
            authentication: { basic: { username, password } },
            ...(isEncrypted ? encrypted : {}),
          },
        }),
    server: { listenPort: 8080 },
  });
}
