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

/** Where brokers connect to each other. */
const RPC_PORT = 33_145;

export interface BrokerListeners {
  /** Name of the container on the platform's network. */
  hostname: string;
  /** Host and port at which clients on the host reach the external listener. */
  externalHost: string;
  externalPort: number;
  /** Whether all of them, the registry and the admin API are encrypted. */
  tls: boolean;
  /** Names of all brokers of the cluster on the platform's network; without them, the broker is alone. */
  cluster?: readonly string[];
  /** Whether it has a schema registry. @default true */
  registry?: boolean;
}

const ADDRESS = "0.0.0.0";
const LOOPBACK = "127.0.0.1";

/**
 * The broker's own settings, redpanda.yaml: listeners, each with SASL, and what they advertise. Even another order of
 * the keys replaces the container.
 */
export function redpandaYaml(listeners: BrokerListeners): string {
  const { hostname, tls, registry = true } = listeners;
  return stringify({
    redpanda: brokerSection(listeners),
    // Without this section, the broker starts no registry (src/v/redpanda/application.cc, hydrate_config).
    ...(registry ? { schema_registry: registrySection(tls) } : {}),
    // The registry is a client of the broker, and uses the name in its certificate.
    ...(tls && registry
      ? {
          schema_registry_client: {
            brokers: [{ address: hostname, port: BROKER_PORTS.internal }],
            broker_tls: { enabled: true, truststore_file: TLS_FILES.trusted },
          },
        }
      : {}),
  });
}

function brokerSection(listeners: BrokerListeners) {
  const { hostname, externalHost, externalPort, tls, cluster } = listeners;
  const sasl = { authentication_method: "sasl" };
  return {
    data_directory: "/var/lib/redpanda/data",
    ...(cluster ? clusterMember(listeners, cluster) : ALONE),
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

/** Brokers connect to each other by RPC, without a login. A single broker needs only itself. */
const ALONE = {
  empty_seed_starts_cluster: true,
  seed_servers: [],
  rpc_server: { address: LOOPBACK, port: RPC_PORT },
};

/**
 * One of several brokers. Each has the same list, itself included: as long as one of them has data, the others join it, and
 * none founds a second cluster, whichever volume is lost (redpanda v26.2, src/v/cluster/cluster_discovery.cc,
 * discover_founding_brokers). If none has any, they found one together once all of them answer: so none may wait for
 * another one to be healthy. A broker that was alone tells the cluster its new address (src/v/cluster/members_manager.cc,
 * maybe_update_current_node_configuration). Ids are assigned by the cluster.
 *
 * Whoever reaches the RPC port of a broker could act as a broker. It is not published on the host; with TLS, a broker
 * talks only to who has a certificate of the stack's authority.
 */
const clusterMember = ({ hostname, tls }: BrokerListeners, cluster: readonly string[]) => ({
  empty_seed_starts_cluster: false,
  seed_servers: cluster.map((address) => ({ host: { address, port: RPC_PORT } })),
  rpc_server: { address: ADDRESS, port: RPC_PORT },
  advertised_rpc_api: { address: hostname, port: RPC_PORT },
  ...(tls ? { rpc_server_tls: { ...CERTIFICATES, require_client_auth: true } } : {}),
});

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

const CERTIFICATES = {
  enabled: true,
  cert_file: TLS_FILES.certificate,
  key_file: TLS_FILES.privateKey,
  truststore_file: TLS_FILES.trusted,
};

const encrypted = (...listeners: string[]) =>
  listeners.map((name) => ({
    name,
    ...CERTIFICATES,
    // Clients log in with name and password, and need no certificate.
    require_client_auth: false,
  }));

/**
 * The cluster's settings, .bootstrap.yaml; read on the very first start only, and so the same on each broker. Internal
 * topics get three copies by themselves as soon as there are three brokers (internal_topic_replication_factor). Beside this file, none of the
 * cluster's settings that the mode dev-container writes into redpanda.yaml apply (redpanda v26.2,
 * src/v/cluster/config_manager.cc, preload), and the last three would be 5 GiB, 3 s and 16 partitions.
 * write_caching_default stays "false": Redpanda reports "disabled" as a setting of each topic, so that
 * every topic would differ from the program (src/v/kafka/server/handlers/configs/config_response_utils.cc).
 */
export function bootstrapYaml(brokers: number): string {
  return stringify({
    superusers: [KAFKA_ADMIN],
    kafka_enable_authorization: true,
    admin_api_require_auth: true,
    auto_create_topics_enabled: false,
    default_topic_replications: brokers,
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
 * @param registry whether the broker has a schema registry
 * @param started file that is created once it has succeeded
 */
export function brokerProbe(tls: boolean, registry: boolean, started: string): string[] {
  const { schemaRegistry, admin } = tls ? PROBE_PORTS : BROKER_PORTS;
  const script = [
    `ok() { exec 3<>/dev/tcp/127.0.0.1/$1 && printf 'GET %s HTTP/1.0\\r\\nConnection: close\\r\\n\\r\\n' $2 >&3 && grep -q "$3" <&3; }`,
    `ok ${admin} /v1/status/ready '"ready"' && ${registry ? `ok ${schemaRegistry} /status/ready '^HTTP/1.. 200 ' && ` : ""}exec 3<>/dev/tcp/127.0.0.1/${BROKER_PORTS.internal} && { [ -e ${started} ] || touch ${started}; }`,
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
