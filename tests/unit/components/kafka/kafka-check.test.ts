import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

import { issueAuthority, issueServer } from "../../../../certificates/issue";
import type { KafkaAcl, ProbeTopic } from "../../../../components/kafka/kafka-administrator";
import { type CheckedKafka, checkKafka, examine } from "../../../../components/kafka/kafka-check";
import type { ServerFinding } from "../../../../components/platform/server-finding";
import { closedPort } from "../../support/ports";

const CLUSTER: CheckedKafka = {
  bootstrapServers: ["b1.example:9092"],
  ...{ username: "admin", password: "not-to-be-told", saslMechanism: "SCRAM-SHA-512" },
  ...{ replicationFactor: 3, createsUsers: true, prefix: "pr-7" },
  topicSettings: { "cleanup.policy": "delete", "compression.type": "snappy" },
};

const line = ({ key, reason, kind }: ServerFinding) => `${kind}: ${key} ${reason}`;

type Act = "acls" | "deleteAcls" | "tryTopic" | "tryUser";

/** A cluster of three brokers that refuses some acts, and what it was asked. */
function clusterThat(refuses: Partial<Record<Act, string>>, brokers = 3) {
  const asked: { acls: KafkaAcl[]; topics: ProbeTopic[]; users: string[] } = {
    ...{ acls: [], topics: [], users: [] },
  };
  const answer = async <T>(act: Act, value: T): Promise<T> => {
    const type = refuses[act];
    if (type !== undefined) {
      throw Object.assign(new Error("KafkaJS wraps it"), {
        cause: Object.assign(new Error("refused"), { type }),
      });
    }
    return value;
  };
  return {
    asked,
    administrator: {
      brokers: () => Promise.resolve(brokers),
      acls: () => answer("acls", []),
      deleteAcls: (acls: readonly KafkaAcl[]) => {
        asked.acls.push(...acls);
        return answer("deleteAcls", undefined);
      },
      tryTopic: (topic: ProbeTopic) => {
        asked.topics.push(topic);
        return answer("tryTopic", undefined);
      },
      tryUser: (user: string) => {
        asked.users.push(user);
        return answer("tryUser", undefined);
      },
    },
  };
}

describe("what the administrator of a Kafka cluster may do", () => {
  it("is enough where the cluster refuses nothing; what the check names, nobody has", async () => {
    const { administrator, asked } = clusterThat({});
    assert.deepStrictEqual(await examine(administrator, CLUSTER), []);
    assert.deepStrictEqual(
      asked.acls.map(({ principal }) => principal),
      ["User:pr-7-learning-platform-check"],
    );
    assert.deepStrictEqual(asked.topics, [
      {
        ...{ name: "pr-7-learning-platform-check", replicationFactor: 3 },
        config: CLUSTER.topicSettings,
      },
    ]);
    assert.deepStrictEqual(asked.users, ["learning-platform-check"]);
  });

  it("need not be to create users, where they are given", async () => {
    const { administrator, asked } = clusterThat({ tryUser: "UNSUPPORTED_VERSION" });
    assert.deepStrictEqual(await examine(administrator, { ...CLUSTER, createsUsers: false }), []);
    assert.deepStrictEqual(asked.users, []);
  });

  it("allows as many copies as there are brokers, and asks for no more", async () => {
    const { administrator, asked } = clusterThat({}, 1);
    const found = await examine(administrator, CLUSTER);
    assert.deepStrictEqual(found.map(line), [
      "fault: kafkaCluster.replicationFactor must be at most 1, the number of brokers, each of which keeps one copy",
    ]);
    assert.strictEqual(asked.topics[0].replicationFactor, 1);
  });

  const refusals: [title: string, refuses: Partial<Record<Act, string>>, expected: RegExp[]][] = [
    [
      "the right to see rights",
      { acls: "CLUSTER_AUTHORIZATION_FAILED" },
      [/^fault: kafkaCluster\.username must be a login that may see and change rights/],
    ],
    [
      "the right to change rights",
      { deleteAcls: "CLUSTER_AUTHORIZATION_FAILED" },
      [/^fault: kafkaCluster\.username must be a login that may see and change rights/],
    ],
    [
      "both, once",
      { acls: "CLUSTER_AUTHORIZATION_FAILED", deleteAcls: "CLUSTER_AUTHORIZATION_FAILED" },
      [/^fault: kafkaCluster\.username /],
    ],
    [
      "rights altogether",
      { acls: "SECURITY_DISABLED", deleteAcls: "SECURITY_DISABLED" },
      [/^fault: kafkaCluster\.bootstrapServers names a cluster whose rights are turned off/],
    ],
    [
      "Kafka's API of users",
      { tryUser: "UNSUPPORTED_VERSION" },
      [/^fault: kafkaCluster\.users must be given: the cluster lets nobody create users/],
    ],
    [
      "the administrator in Kafka's API of users",
      { tryUser: "CLUSTER_AUTHORIZATION_FAILED" },
      [/^fault: kafkaCluster\.users must be given, or username /],
    ],
    [
      "topics",
      { tryTopic: "TOPIC_AUTHORIZATION_FAILED" },
      [/^fault: kafkaCluster\.username must be a login that may create topics/],
    ],
    [
      "a setting of topics",
      { tryTopic: "POLICY_VIOLATION" },
      [/^fault: kafkaCluster\.fixedTopicSettings .*of cleanup\.policy, compression\.type$/],
    ],
    [
      "that number of copies",
      { tryTopic: "INVALID_REPLICATION_FACTOR" },
      [/^fault: kafkaCluster\.replicationFactor .* which 3 is not/],
    ],
  ];
  for (const [title, refuses, expected] of refusals) {
    it(`is named with the key to change where the cluster refuses ${title}`, async () => {
      const found = (await examine(clusterThat(refuses).administrator, CLUSTER)).map(line);
      assert.strictEqual(found.length, expected.length, found.join("\n"));
      expected.forEach((pattern, index) => assert.match(found[index], pattern));
    });
  }

  it("fails with what the cluster says, where that is nothing known", async () => {
    const { administrator } = clusterThat({ acls: "UNKNOWN_SERVER_ERROR" });
    await assert.rejects(examine(administrator, CLUSTER), /KafkaJS wraps it/);
  });
});

describe("a Kafka cluster at an address", () => {
  const closers: (() => void)[] = [];
  afterEach(() => closers.splice(0).forEach((close) => close()));

  /** Listens, and closes all at the end of the test. */
  async function listen(
    server: ReturnType<typeof createServer>,
    serve: (socket: Socket) => void,
    event = "connection",
  ): Promise<string> {
    const sockets: Socket[] = [];
    server.on("connection", (socket: Socket) => sockets.push(socket));
    server.on(event, (socket: Socket) => serve(socket.on("error", () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(() => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
    });
    return `localhost:${(server.address() as AddressInfo).port}`;
  }

  /** As a broker: it answers each request with its number, and closes what is too long to be one. */
  const serveKafka = (socket: Socket) =>
    socket.on("data", (data: Buffer) => {
      if (data.readInt32BE(0) > 1_000) {
        socket.destroy();
        return;
      }
      const answer = Buffer.alloc(8);
      answer.writeInt32BE(4, 0);
      answer.writeInt32BE(data.readInt32BE(8), 4);
      socket.write(answer);
    });

  const found = async (bootstrapServers: string[], trusted?: string) =>
    (await checkKafka({ ...CLUSTER, bootstrapServers, trusted }, 1_000)).map(line);

  it("is out of reach where nothing listens; each address is named", async () => {
    const [one, two] = [await closedPort(), await closedPort()];
    const lines = await found([`127.0.0.1:${one}`, `127.0.0.1:${two}`]);
    assert.strictEqual(lines.length, 2);
    for (const [index, port] of [one, two].entries()) {
      assert.match(
        lines[index],
        new RegExp(
          `^out of reach: kafkaCluster\\.bootstrapServers names 127\\.0\\.0\\.1:${port}, where no broker answers \\(ECONNREFUSED`,
        ),
      );
    }
  });

  it("is out of reach where nothing is answered in time, encrypted or not", async () => {
    const address = await listen(createServer(), () => undefined);
    for (const trusted of [undefined, "system"]) {
      const [only] = await found([address], trusted);
      assert.match(only, /^out of reach: kafkaCluster\.bootstrapServers .*no answer within 1 s/);
    }
  });

  it("is out of reach where something else answers", async () => {
    const address = await listen(createServer(), (socket) => socket.write("220 mail.example\r\n"));
    assert.match((await found([address]))[0], /^out of reach: .* does not speak Kafka's protocol/);
  });

  it("must not be encrypted where the listener is not", async () => {
    const address = await listen(createServer(), serveKafka);
    assert.deepStrictEqual(await found([address], "system"), [
      `fault: kafkaCluster.tls must be false: ${address} does not encrypt`,
    ]);
  });

  it("must be encrypted where the listener is; one of another authority or name is refused", async () => {
    const authority = await issueAuthority("own", { days: 1 });
    const { certificate, privateKey } = await issueServer(["b1.example"], authority, { days: 1 });
    const server = createTlsServer({ cert: certificate, key: privateKey });
    const address = await listen(server, serveKafka, "secureConnection");
    const other = (await issueAuthority("other", { days: 1 })).trusted;
    assert.deepStrictEqual(await found([address]), [
      `fault: kafkaCluster.tls must be true: ${address} encrypts`,
    ]);
    for (const trusted of ["system", other]) {
      assert.match(
        (await found([address], trusted))[0],
        /^fault: kafkaCluster\.caFile must name the authority/,
      );
    }
    assert.match(
      (await found([address], authority.trusted))[0],
      /^fault: kafkaCluster\.bootstrapServers must be a name that the server's certificate has/,
    );
  });

  it("is told apart from one that gives up after the first answer; no message has the password", async () => {
    const address = await listen(createServer(), serveKafka);
    const unused = `127.0.0.1:${await closedPort()}`;
    const lines = await found([unused, address]);
    assert.match(lines[0], /^warning: kafkaCluster\.bootstrapServers .*ECONNREFUSED/);
    assert.strictEqual(lines.length, 2);
    assert.doesNotMatch(lines.join(), /not-to-be-told/);
  });
});
