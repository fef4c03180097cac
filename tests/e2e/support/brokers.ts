/**
 * Three real brokers of Apache Kafka, from the program's own image: combined nodes in KRaft mode, with Kafka's own
 * authorizer and without the parts that make the image answer as Redpanda does.
 */
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { Kafka, type KafkaConfig, logLevel } from "kafkajs";

import { issueAuthority, issueServer } from "../../../certificates/issue";
import { docker } from "./docker";
import { parseProjectDefaults } from "./project";

/** Brokers speak to each other here, without a login, on a network that is theirs alone. */
const PORTS = { client: 9092, brokers: 9091, controllers: 9093 } as const;
const MECHANISM = "SCRAM-SHA-512";
const NODES = [1, 2, 3];
const START = `
  printf %s "$PROPERTIES" > /tmp/server.properties
  run() {
    java -Xmx256m -Xss512k -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dstand.in.level=WARN \\
      -Dlog4j.configuration=file:/opt/kafka/log4j.properties -cp '/opt/kafka/libs/*' "$@"
  }
  if [ ! -e /tmp/kafka/meta.properties ]; then
    run kafka.tools.StorageTool format --config /tmp/server.properties --cluster-id "$CLUSTER" --add-scram "$LOGIN" || exit
  fi
  unset LOGIN
  run kafka.Kafka /tmp/server.properties & trap "kill $!" TERM
  wait; wait`;

/** An administrator's login to the cluster, which lets everybody do what no right forbids, as Amazon MSK does. */
export class Brokers {
  public readonly administrator = {
    username: "kx-admin",
    password: randomBytes(12).toString("hex"),
  };
  /** host:port of each broker on the host. */
  public readonly bootstrapServers: string[];
  public readonly containers: string[];

  private constructor(
    private readonly name: string,
    ports: readonly number[],
    /** PEM of the authority to trust. */
    public readonly trusted: string,
  ) {
    this.bootstrapServers = ports.map((port) => `localhost:${port}`);
    this.containers = NODES.map((node) => this.container(node));
  }

  /** Starts them, and waits until all three have joined. */
  public static async start(name: string): Promise<Brokers> {
    const authority = await issueAuthority(name, { days: 2 });
    const certificate = await issueServer(["localhost"], authority, { days: 1 });
    const brokers = new Brokers(name, await freePorts(NODES.length), authority.trusted);
    try {
      await docker("network", "create", name);
      await Promise.all(NODES.map((node) => brokers.run(node, certificate)));
      await brokers.joined();
    } catch (error) {
      // The caller has nothing yet to remove.
      await brokers.remove();
      throw error;
    }
    return brokers;
  }

  /** The cluster as a client of the host sees it, as its administrator or as another user. */
  public client(
    { username, password } = this.administrator,
    options: Partial<KafkaConfig> = {},
  ): Kafka {
    return new Kafka({
      brokers: this.bootstrapServers,
      sasl: { mechanism: "scram-sha-512", username, password },
      ssl: { ca: this.trusted },
      logLevel: logLevel.NOTHING,
      retry: { retries: 2 },
      ...options,
    });
  }

  /** Waits until all brokers are members, and follow every partition that they have a copy of. */
  public async joined(): Promise<void> {
    for (const until = Date.now() + 120_000; !(await this.isWhole()); await sleep(200)) {
      if (Date.now() > until) {
        throw new Error(`The brokers ${this.containers.join(", ")} do not form a cluster.`);
      }
    }
  }

  public async remove(): Promise<void> {
    await docker("rm", "--force", "--volumes", ...this.containers);
    await docker("network", "rm", this.name);
  }

  private container(node: number) {
    return `${this.name}-${node}`;
  }

  private async isWhole(): Promise<boolean> {
    const admin = this.client(undefined, { retry: { retries: 0 } }).admin();
    try {
      await admin.connect();
      const { brokers } = await admin.describeCluster();
      const { topics } = await admin.fetchTopicMetadata();
      const partitions = topics.flatMap((topic) => topic.partitions);
      return (
        brokers.length === NODES.length &&
        partitions.every(({ isr, replicas }) => isr.length === replicas.length)
      );
    } catch {
      return false;
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }

  private async run(node: number, certificate: { certificate: string; privateKey: string }) {
    const { username, password } = this.administrator;
    const port = this.bootstrapServers[node - 1].split(":")[1];
    await docker(
      ...["run", "--detach", "--name", this.container(node), "--network", this.name],
      ...["--publish", `127.0.0.1:${port}:${PORTS.client}`, "--memory", "600m"],
      ...["--env", `PROPERTIES=${this.properties(node, certificate)}`],
      ...["--env", "CLUSTER=AAAAAAAAAAAAAAAAAAAAAQ", "--env", "MALLOC_ARENA_MAX=2"],
      ...["--env", `LOGIN=${MECHANISM}=[name=${username},password=${password}]`],
      ...["--entrypoint", "bash", parseProjectDefaults().redpandaImage, "-c", START],
    );
  }

  private properties(
    node: number,
    { certificate, privateKey }: { certificate: string; privateKey: string },
  ): string {
    const { client, brokers, controllers } = PORTS;
    const voters = NODES.map((voter) => `${voter}@${this.container(voter)}:${controllers}`);
    const onOneLine = (pem: string) => pem.replaceAll("\n", "\\n");
    const settings: Record<string, string | number | boolean> = {
      "process.roles": "broker,controller",
      "node.id": node,
      "controller.quorum.voters": voters.join(),
      listeners: `CLIENT://:${client},BROKERS://:${brokers},CONTROLLERS://:${controllers}`,
      "advertised.listeners": `CLIENT://${this.bootstrapServers[node - 1]},BROKERS://${this.container(node)}:${brokers}`,
      "listener.security.protocol.map": "CLIENT:SASL_SSL,BROKERS:PLAINTEXT,CONTROLLERS:PLAINTEXT",
      "inter.broker.listener.name": "BROKERS",
      "controller.listener.names": "CONTROLLERS",
      "listener.name.client.sasl.enabled.mechanisms": MECHANISM,
      [`listener.name.client.${MECHANISM.toLowerCase()}.sasl.jaas.config`]:
        "org.apache.kafka.common.security.scram.ScramLoginModule required;",
      "listener.name.client.ssl.keystore.type": "PEM",
      "listener.name.client.ssl.keystore.certificate.chain": onOneLine(certificate),
      "listener.name.client.ssl.keystore.key": onOneLine(privateKey),
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      "allow.everyone.if.no.acl.found": true,
      // The brokers themselves; no client is anonymous.
      "super.users": "User:ANONYMOUS",
      "log.dirs": "/tmp/kafka",
      "auto.create.topics.enable": false,
      "min.insync.replicas": 2,
      "offsets.topic.replication.factor": 3,
      "offsets.topic.num.partitions": 3,
      "transaction.state.log.replication.factor": 3,
      "transaction.state.log.num.partitions": 3,
      "group.initial.rebalance.delay.ms": 0,
      "broker.session.timeout.ms": 3000,
      "broker.heartbeat.interval.ms": 500,
      // Small nodes: fewer threads, and not the cleaner's 128 MB.
      "num.network.threads": 2,
      "num.io.threads": 4,
      "background.threads": 2,
      "log.cleaner.dedupe.buffer.size": 8_388_608,
    };
    return Object.entries(settings)
      .map(([key, value]) => `${key}=${value}\n`)
      .join("");
  }
}

/** Ports of the loopback address that nothing uses now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
