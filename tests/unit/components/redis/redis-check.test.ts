import assert from "node:assert/strict";

import { type CheckedRedis, checkRedis } from "../../../../components/redis/redis-check";
import { closedPort } from "../../support/ports";
import { type Answer, asMap, FakeRedis } from "../../support/redis";

const FACTS = { server: "redis", version: "7.4.1", mode: "standalone", role: "master" };
const memory = (policy: string, limit = "0") => {
  const text = `# Memory\r\nmaxmemory:${limit}\r\nmaxmemory_policy:${policy}\r\n`;
  return `$${text.length}\r\n${text}`;
};

/** Answers as a server on which the administrator may do everything. */
const answers =
  (facts: Partial<typeof FACTS> = {}, more: Answer = () => undefined): Answer =>
  (command) => {
    const own = more(command);
    if (own !== undefined) {
      return own;
    }
    if (command[0] === "HELLO") {
      return asMap({ ...FACTS, ...facts });
    }
    if (command[0] === "INFO") {
      return memory("noeviction");
    }
    return command[1] === "SETUSER"
      ? "-ERR Error in ACL SETUSER modifier '?': Syntax error"
      : undefined;
  };

describe("the check of a Redis server that exists", function () {
  // The first to speak to a server loads the client.
  this.timeout(10_000);

  const server = new FakeRedis();
  before(() => server.listen());
  after(() => server.close());
  beforeEach(() => {
    server.commands = [];
    server.answer = answers();
  });

  const node = () => ({ host: "127.0.0.1", port: server.port });
  const found = async (more: Partial<CheckedRedis> = {}) => {
    const findings = await checkRedis({
      ...{ key: "redisSessionServer", instance: "session", nodes: [node()] },
      administrator: { username: "admin", password: "not-to-be-told" },
      keyNames: { "user-service": "user-service" },
      ...more,
    });
    const sentences = findings.map(({ kind, key, reason }) => `${kind}: ${key} ${reason}`);
    assert.doesNotMatch(sentences.join("\n"), /not-to-be-told/);
    return sentences.map((sentence) => sentence.replaceAll(`127.0.0.1:${server.port}`, "<node>"));
  };

  it("finds nothing wrong with one that fits, and sends it nothing that makes a user", async () => {
    assert.deepStrictEqual(await found(), []);
    assert.deepStrictEqual(
      server.commands.filter((command) => command.startsWith("ACL SETUSER")),
      ["ACL SETUSER platform-check ?"],
    );
  });

  it("asks every node", async () => {
    const other = new FakeRedis(
      answers({ role: "replica" }, ([name]) =>
        name === "INFO" ? memory("volatile-lru") : undefined,
      ),
    );
    await other.listen();
    try {
      assert.deepStrictEqual(await found({ nodes: [node(), { ...node(), port: other.port }] }), [
        `fault: redisSessionServer.nodes names 127.0.0.1:${other.port}, which evicts keys (maxmemory-policy volatile-lru): users would lose their sessions. It must be noeviction`,
      ]);
    } finally {
      await other.close();
    }
  });

  const denied = "-NOPERM User admin has no permissions to run the command";
  const cases: [title: string, answer: Answer, ...sentences: (string | RegExp)[]][] = [
    [
      "refuses version 6 by name",
      answers({ version: "6.2.14" }),
      "fault: redisSessionServer.nodes names <node>, which is Redis 6.2.14; it must be 7 or later",
    ],
    [
      "refuses a server that is too old for users",
      () => "-ERR unknown command `HELLO`, with args beginning with: `3`",
      /^fault: redisSessionServer\.nodes names <node>, which is older than Redis 7: it knows no users/,
    ],
    [
      "refuses a Sentinel",
      answers({ mode: "sentinel" }, ([name]) => (name === "ACL" ? undefined : undefined)),
      "fault: redisSessionServer.nodes names <node>, which is a Sentinel; it must name the servers that the Sentinel watches",
    ],
    [
      "warns of a cluster",
      answers({ mode: "cluster" }),
      "warning: redisSessionServer.nodes names <node>, which is part of a cluster: services must use clients that know clusters",
    ],
    [
      "names each command that the administrator needs and may not use",
      answers({}, ([name, action]) =>
        name === "ACL" && action !== "GETUSER" ? denied : undefined,
      ),
      /^fault: redisSessionServer\.username must be a login that may make users: <node> denies admin ACL SETUSER, ACL DELUSER \(NOPERM .*\)\. Where nobody may, give the users: redisSessionServer\.users$/,
    ],
    [
      "takes a command that a service of the cloud has removed as one that is denied",
      answers({}, ([name]) => (name === "ACL" ? "-ERR unknown command 'acl'" : undefined)),
      /^fault: redisSessionServer\.username must be a login that may make users: <node> denies admin ACL SETUSER, ACL GETUSER, ACL DELUSER/,
    ],
    [
      "says where it cannot tell whether a server evicts",
      answers({}, ([name]) => (name === "INFO" ? "$8\r\n# Memory" : undefined)),
      "warning: redisSessionServer does not tell whether it evicts keys (<node>). Its maxmemory-policy must be noeviction",
    ],
    [
      "takes a server that still loads its data for one that is out of reach",
      () => "-LOADING Redis is loading the dataset in memory",
      /^out of reach: redisSessionServer\.nodes names <node>, where no Redis answers \(LOADING/,
    ],
    [
      "repeats why a server refuses a connection",
      () => "-DENIED Redis is running in protected mode",
      /^fault: redisSessionServer\.nodes names <node>, which refuses the connection: DENIED/,
    ],
    [
      "names the login where none is taken",
      () => "-NOAUTH Authentication required.",
      /^fault: redisSessionServer\.password or username is wrong: <node> refuses admin \(NOAUTH/,
    ],
    [
      "gives up on a server that accepts and stays silent",
      () => "",
      /^out of reach: redisSessionServer\.nodes names <node>, where no Redis answers \(Socket timeout/,
    ],
  ];
  for (const [title, answer, ...sentences] of cases) {
    it(title, async () => {
      server.answer = answer;
      const all = await found({ timeoutMs: 300 });
      assert.strictEqual(all.length, sentences.length, all.join("\n"));
      for (const [index, sentence] of sentences.entries()) {
        if (typeof sentence === "string") {
          assert.strictEqual(all[index], sentence);
        } else {
          assert.match(all[index], sentence);
        }
      }
    });
  }

  it("names each node that is out of reach", async () => {
    const nodes = [
      { host: "127.0.0.1", port: await closedPort() },
      { host: "127.0.0.1", port: await closedPort() },
    ];
    const all = await found({ nodes });
    assert.deepStrictEqual(
      all.map((sentence) => /names (\S+),/.exec(sentence)?.[1]),
      nodes.map(({ port }) => `127.0.0.1:${port}`),
    );
  });

  it("looks no further at given users than until the first one that meets no server", async () => {
    const users = {
      "user-service": { username: "a", password: "not-to-be-told" },
      "agent-orchestrator": { username: "b", password: "not-to-be-told" },
    };
    const all = await found({
      ...{ administrator: undefined, users },
      nodes: [{ host: "127.0.0.1", port: await closedPort() }],
    });
    assert.deepStrictEqual(
      all.map((sentence) => sentence.split(" names ")[0].split(" cannot ")[0]),
      ["out of reach: redisSessionServer.nodes", "warning: redisSessionServer"],
    );
  });
});
