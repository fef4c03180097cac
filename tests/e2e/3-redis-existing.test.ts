import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type AddressInfo, createServer } from "node:net";

import { checkRedis as checkDrift } from "../../cli/drift/redis";
import { TYPES } from "../../cli/resource-types";
import { type CheckedRedis, checkRedis } from "../../components/redis/redis-check";
import { serviceRules } from "../../components/redis/redis-config";
import { create, delete as remove, read, update } from "../../components/redis/redis-user.provider";
import type { RedisUserInputs, RedisUserState } from "../../components/redis/redis-user-inputs";
import { capturedLines } from "../sql/existing/support";
import { withRedis } from "./support/clients";
import { docker } from "./support/docker";
import { until } from "./support/running";

const IMAGE = "redis:7.4-alpine";
const NAME = `existing-redis-${randomBytes(3).toString("hex")}`;
const PASSWORD = "of-the-administrator";
const SERVICE = "pr-9-user-service";

type Node = { host: string; port: number };

/** Servers that the stack did not start: a primary with a replica, and one with a file for its users. */
describe("Redis servers that exist", () => {
  const printed = capturedLines();
  const started: string[] = [];
  let primary: Node;
  let replica: Node;
  let filed: Node;

  async function start(role: string, ...settings: string[]): Promise<Node> {
    const name = `${NAME}-${role}`;
    await docker(
      ...["run", "--detach", "--name", name, "--network", NAME, "--network-alias", role],
      ...["--publish", "127.0.0.1::6379", "--entrypoint", "sh", IMAGE, "-c"],
      `cd /data && { [ -f users.acl ] || echo "user default on >${PASSWORD} ~* &* +@all" > users.acl; } && exec redis-server "$@"`,
      ...["--", "--save", "", ...settings],
    );
    started.push(name);
    return portOf(name);
  }
  /** Docker gives a restarted container another port. */
  async function portOf(name: string): Promise<Node> {
    const published = await docker("port", name, "6379");
    const node = { host: "127.0.0.1", port: Number(published.trim().split(":").pop()) };
    await until(
      () =>
        ask(node, "PING").then(
          () => true,
          () => false,
        ),
      20_000,
    );
    return node;
  }

  const ask = (node: Node, ...command: string[]) => askAs("default", PASSWORD, node, ...command);
  const askAs = (username: string, password: string, { host, port }: Node, ...command: string[]) =>
    withRedis(`redis://${username}:${password}@${host}:${port}`, (client) =>
      client.sendCommand(command),
    );

  const inputs = (more: Partial<RedisUserInputs> = {}): RedisUserInputs => ({
    ...{ ...primary, replicas: [replica], adminUsername: "default", adminPassword: PASSWORD },
    ...{ username: SERVICE, password: "of-the-service", rules: serviceRules(SERVICE) },
    ...more,
  });
  const logsIn = (node: Node) => askAs(SERVICE, "of-the-service", node, "GET", `${SERVICE}:1`);

  before(async () => {
    await docker("network", "create", NAME);
    const password = ["--requirepass", PASSWORD];
    primary = await start("primary", ...password);
    const follow = ["--replicaof", "primary", "6379", "--masterauth", PASSWORD];
    replica = await start("replica", ...password, ...follow);
    filed = await start(
      "filed",
      "--aclfile",
      "/data/users.acl",
      "--maxmemory-policy",
      "allkeys-lfu",
    );
  });
  after(async () => {
    for (const name of started) {
      await docker("rm", "--force", "--volumes", name);
    }
    await docker("network", "rm", NAME);
  });

  describe("are examined", () => {
    const check = (more: Partial<CheckedRedis> = {}) =>
      checkRedis({
        ...{ key: "redisSessionServer", nodes: [primary, replica], username: "default" },
        ...{ password: PASSWORD, mayEvict: false, createsUsers: true, timeoutMs: 2_000, ...more },
      });

    it("and fit as they are", async () => {
      assert.deepEqual(await check(), []);
    });

    const refused: [title: string, more: () => Partial<CheckedRedis>, expected: RegExp][] = [
      [
        "a wrong password",
        () => ({ password: "x" }),
        /^fault redisSessionServer\.password or username is wrong/,
      ],
      [
        "a replica in the first place",
        () => ({ nodes: [replica] }),
        /^fault redisSessionServer\.nodes must begin with the primary/,
      ],
      [
        "sessions where keys are evicted",
        () => ({ nodes: [filed] }),
        /^fault redisSessionServer\.nodes .*evicts keys \(maxmemory-policy allkeys-lfu\)/,
      ],
      [
        "encryption that the server does not have",
        () => ({ trusted: "system" }),
        /^out of reach redisSessionServer\.nodes .*does not encrypt, tls must be false/,
      ],
      [
        "a port where nothing listens",
        () => ({ nodes: [{ host: "127.0.0.1", port: 1 }] }),
        /^out of reach redisSessionServer\.nodes .*ECONNREFUSED/,
      ],
      [
        "a cache that evicts nothing",
        () => ({ mayEvict: true }),
        /^warning redisSessionServer does not evict/,
      ],
    ];
    for (const [title, more, expected] of refused) {
      it(`and tell of ${title}`, async () => {
        const [finding] = await check(more());
        assert.match(`${finding.kind} ${finding.key} ${finding.reason}`, expected);
        assert.ok(!finding.reason.includes(PASSWORD));
      });
    }

    it("and tell of a login that may create no users", async () => {
      await ask(primary, "ACL", "SETUSER", "narrow", "on", ">narrow", "+@read", "+info");
      const login = { username: "narrow", password: "narrow", nodes: [primary] };
      const findings = await check(login);
      assert.deepEqual(
        findings.map(({ key, kind }) => [key, kind]),
        [["redisSessionServer.username", "fault"]],
      );
      assert.match(findings[0].reason, /NOPERM/);
      assert.deepEqual(await check({ ...login, createsUsers: false }), []);
      await ask(primary, "ACL", "DELUSER", "narrow");
    });

    it("and are out of reach where somebody accepts the connection and says nothing", async () => {
      const silent = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
      await new Promise((resolve) => silent.once("listening", resolve));
      const { port } = silent.address() as AddressInfo;
      const [finding] = await check({ nodes: [{ host: "127.0.0.1", port }], timeoutMs: 300 });
      await new Promise((resolve) => silent.close(resolve));
      assert.deepEqual([finding.kind, finding.key], ["out of reach", "redisSessionServer.nodes"]);
    });
  });

  describe("have users", () => {
    let state: RedisUserState;

    it("on each node, and say which of them forgets its users", async () => {
      const { outs } = await create(inputs());
      state = outs as RedisUserState;
      for (const node of [primary, replica]) {
        assert.equal(await logsIn(node), null);
        const line = `Redis at 127.0.0.1:${node.port} keeps its users in memory alone`;
        assert.ok(
          printed().some((said) => said.startsWith(line)),
          printed().join("\n"),
        );
      }
    });

    it("in its file of users, where a server has one", async () => {
      const { outs } = await create({ ...inputs(), ...filed, replicas: undefined });
      assert.deepEqual(printed(), []);
      await docker("restart", "--time", "5", `${NAME}-filed`);
      filed = await portOf(`${NAME}-filed`);
      assert.equal(await logsIn(filed), null);
      await remove("", { ...(outs as RedisUserState), ...filed });
      await assert.rejects(logsIn(filed), /WRONGPASS/);
    });

    it("which are seen to differ on one node alone, and are put right", async () => {
      await ask(replica, "ACL", "DELUSER", SERVICE);
      const resource = {
        ...{ urn: "urn", type: TYPES.redisUser, id: "", protect: false, isLeftover: false },
        inputs: {},
        outputs: { ...state },
      };
      const { found } = await checkDrift([resource]);
      assert.deepEqual(
        found.map(({ sentence }) => sentence),
        [`Redis user ${SERVICE} at 127.0.0.1:${replica.port}: missing`],
      );
      const { props } = await read("", state);
      assert.equal((props as RedisUserState).drifted, true);
      await update("", state, inputs());
      assert.equal((await read("", state)).props?.drifted, false);
    });

    it("who still log in after a failover", async () => {
      await askAs(SERVICE, "of-the-service", primary, "SET", `${SERVICE}:1`, "kept");
      await until(async () => String(await ask(replica, "GET", `${SERVICE}:1`)) === "kept", 10_000);
      await docker("stop", "--time", "1", `${NAME}-primary`);
      await ask(replica, "REPLICAOF", "NO", "ONE");
      assert.equal(await logsIn(replica), "kept");
      await docker("start", `${NAME}-primary`);
      primary = await portOf(`${NAME}-primary`);
      state = { ...state, ...primary };
    });

    it("who go from each node, with their keys if nothing else tells whose those are", async () => {
      await update("", state, inputs());
      await ask(primary, "SET", `${SERVICE}:1`, "x");
      await ask(primary, "SET", `${SERVICE}-2:1`, "of another");
      await remove("", { ...state, deleteKeys: true });
      assert.deepEqual(await ask(primary, "KEYS", "*"), [`${SERVICE}-2:1`]);
      for (const node of [primary, replica]) {
        await assert.rejects(logsIn(node), /WRONGPASS/);
      }
    });
  });
});
