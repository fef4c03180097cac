/** What the stack does on Redis servers that it did not start: real ones, and the provider's own functions. */
import assert from "node:assert/strict";
import { mock } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { issueAuthority, issueServer } from "../../../certificates/issue";
import { checkRedis as checkDrift } from "../../../cli/drift/redis";
import { TYPES } from "../../../cli/resource-types";
import type { ServerFinding } from "../../../components/platform/server-finding";
import { accessString } from "../../../components/redis/redis-access";
import { type CheckedRedis, checkRedis } from "../../../components/redis/redis-check";
import { connected, type RedisNode } from "../../../components/redis/redis-client";
import { serviceRules } from "../../../components/redis/redis-config";
import {
  create,
  delete as remove,
  read,
  update,
} from "../../../components/redis/redis-user.provider";
import type { RedisUserInputs, RedisUserState } from "../../../components/redis/redis-user-inputs";
import { closedPort } from "../../unit/support/ports";
import { docker } from "../support/docker";
import { ADMINISTRATOR, onNode, RedisNodes } from "../support/redis-nodes";

const NAME = "pr-7-user-service";
const KEY = `${NAME}:kept`;
const LOGIN = { username: NAME, password: "of-the-service" };
const ID = "id";

const address = ({ port }: RedisNode) => `127.0.0.1:${port}`;
const asService = (node: RedisNode, ...command: string[]) =>
  connected({ ...node, ...LOGIN }, (send) => send(...command));
const usersOn = async (node: RedisNode) =>
  ((await onNode(node, "ACL", "USERS")) as string[]).sort();

describe("Redis servers that no stack started", () => {
  const nodes = new RedisNodes();
  let primary: RedisNode;
  let replica: RedisNode;
  let evicting: RedisNode;
  let encrypted: RedisNode;
  let authority: string;
  let state: RedisUserState;

  const inputs = (): RedisUserInputs => ({
    ...primary,
    adminUsername: ADMINISTRATOR.username,
    adminPassword: ADMINISTRATOR.password,
    ...LOGIN,
    rules: serviceRules(NAME),
    replicas: [replica],
    ownKeys: `${NAME}:`,
  });

  before(async () => {
    await nodes.open();
    const own = await issueAuthority("test", { days: 1 });
    const pair = await issueServer(["127.0.0.1"], own, { days: 1 });
    authority = own.certificate;
    [primary, replica, evicting, encrypted] = await Promise.all([
      nodes.start("primary", { keeps: "nowhere" }),
      nodes.start("replica", {
        keeps: "in a file of users",
        settings: ["replicaof primary 6379"],
      }),
      nodes.start("evicting", {
        keeps: "in its settings",
        settings: ["maxmemory 50mb", "maxmemory-policy allkeys-lfu"],
      }),
      nodes.start("encrypted", {
        keeps: "in its settings",
        settings: [
          ...["port 0", "tls-port 6379", "tls-cert-file cert.pem", "tls-key-file key.pem"],
          ...["tls-ca-cert-file ca.pem", "tls-auth-clients no"],
        ],
        files: { "cert.pem": pair.certificate, "key.pem": pair.privateKey, "ca.pem": authority },
        trusted: authority,
      }),
    ]);
  });
  after(() => nodes.cleanUp());

  /** Keeps what the provider prints. */
  async function printed<T>(act: () => Promise<T>): Promise<{ value: T; lines: string[] }> {
    const lines: string[] = [];
    const log = mock.method(console, "log", (line: string) => void lines.push(line));
    try {
      return { value: await act(), lines };
    } finally {
      log.mock.restore();
    }
  }

  describe("are asked first", () => {
    const checked = (node: RedisNode, more: Partial<CheckedRedis> = {}): CheckedRedis => ({
      key: "redisSessionServer",
      instance: "session",
      nodes: [node],
      administrator: ADMINISTRATOR,
      keyNames: { "user-service": NAME },
      ...more,
    });
    const found = async (server: CheckedRedis) =>
      (await checkRedis(server)).map(
        ({ kind, key, reason }: ServerFinding) => `${kind}: ${key} ${reason}`,
      );

    it("and one that fits is taken", async () => {
      assert.deepEqual(await found(checked(primary)), []);
      assert.deepEqual(await found(checked(primary, { nodes: [primary, replica] })), []);
      assert.deepEqual(await found(checked(encrypted, { trusted: authority })), []);
      assert.deepEqual(
        await found(checked(evicting, { key: "redisServer", instance: "cache" })),
        [],
      );
      assert.deepEqual(await usersOn(primary), ["default"], "nothing is made");
    });

    const faults: [title: string, server: () => Promise<CheckedRedis>, ...messages: RegExp[]][] = [
      [
        "sessions on a server that evicts are refused",
        async () => checked(evicting),
        /^fault: redisSessionServer\.nodes names 127\.0\.0\.1:\d+, which evicts keys \(maxmemory-policy allkeys-lfu\).* must be noeviction$/,
      ],
      [
        "a cache that does not evict is a warning",
        async () => checked(primary, { key: "redisServer", instance: "cache" }),
        /^warning: redisServer evicts no keys at 127\.0\.0\.1:\d+ \(maxmemory-policy noeviction, maxmemory 0\)/,
      ],
      [
        "a replica in the first place is refused",
        async () => checked(replica, { nodes: [replica, primary] }),
        /^fault: redisSessionServer\.nodes names 127\.0\.0\.1:\d+, which is a replica, and only reads; the primary must come first$/,
        /^warning: redisSessionServer\.nodes names 127\.0\.0\.1:\d+, which is no replica: it has data of its own$/,
      ],
      [
        "a wrong password is named, of each node",
        async () =>
          checked(primary, {
            nodes: [primary, replica],
            administrator: { username: "default", password: "wrong" },
          }),
        /^fault: redisSessionServer\.password or username is wrong: 127\.0\.0\.1:\d+ refuses default \(WRONGPASS/,
        /^fault: redisSessionServer\.password or username is wrong: 127\.0\.0\.1:\d+ refuses default \(WRONGPASS/,
      ],
      [
        "a server that does not encrypt is named",
        async () => checked(primary, { trusted: authority, timeoutMs: 1_000 }),
        /^fault: redisSessionServer\.tls must be false: 127\.0\.0\.1:\d+ does not encrypt$/,
      ],
      [
        "a server that encrypts is named",
        async () => checked(encrypted),
        /^fault: redisSessionServer\.tls must be true: 127\.0\.0\.1:\d+ expects encrypted connections$/,
      ],
      [
        "a certificate of another authority is refused",
        async () => {
          const { certificate } = await issueAuthority("other", { days: 1 });
          return checked(encrypted, { trusted: certificate });
        },
        /^fault: redisSessionServer\.caFile must name the authority of the certificate that 127\.0\.0\.1:\d+ has/,
      ],
      [
        "a certificate of another name is refused",
        async () => checked({ ...encrypted, host: "localhost" }, { trusted: authority }),
        /^fault: redisSessionServer\.nodes must be a name that the server's certificate has/,
      ],
      [
        "a node where nothing answers is named",
        async () =>
          checked(primary, { nodes: [primary, { ...primary, port: await closedPort() }] }),
        /^out of reach: redisSessionServer\.nodes names 127\.0\.0\.1:\d+, where no Redis answers \(ECONNREFUSED/,
      ],
      [
        "an administrator that may not make users is told to give them",
        async () => {
          const administrator = { username: "limited", password: "limited" };
          await onNode(
            ...([evicting, "ACL", "SETUSER", "limited"] as const),
            ...["on", ">limited", "~*", "&*", "+@all", "-acl|setuser", "-info"],
          );
          return checked(evicting, { administrator });
        },
        /^fault: redisSessionServer\.username must be a login that may make users: 127\.0\.0\.1:\d+ denies limited ACL SETUSER \(NOPERM .*give the users: redisSessionServer\.users$/,
        /^warning: redisSessionServer cannot be asked whether it evicts keys: 127\.0\.0\.1:\d+ denies INFO\./,
      ],
    ];
    for (const [title, server, ...messages] of faults) {
      it(`and ${title}`, async () => {
        const findings = await found(await server());
        assert.equal(findings.length, messages.length, findings.join("\n"));
        messages.forEach((message, index) => assert.match(findings[index], message));
      });
    }

    describe("as a user that is given", () => {
      const given = { administrator: undefined, users: { "user-service": LOGIN } };
      const rules = (text: string) => [`>${LOGIN.password}`, ...text.split(" ")];
      const make = async (text: string) => {
        await onNode(primary, "ACL", "DELUSER", NAME);
        await onNode(primary, "ACL", "SETUSER", NAME, ...rules(text));
      };
      const unasked =
        "warning: redisSessionServer cannot be asked whether it evicts keys: it has no administrator here, and a service may not see that. Its maxmemory-policy must be noeviction";

      it("that was made by its access string, which says what cannot be asked", async () => {
        await make(accessString(NAME));
        assert.deepEqual(await found(checked(primary, given)), [unasked]);
      });

      it("that is not there yet, and its access string is told", async () => {
        await onNode(primary, "ACL", "DELUSER", NAME);
        const [refused, ...more] = await found(checked(primary, given));
        assert.match(
          refused,
          /^fault: redisSessionServer\.users\.user-service\.password or username is wrong: .*WRONGPASS.*access string is: on ~pr-7-user-service:\*/,
        );
        assert.deepEqual(more, [unasked]);
      });

      it("that may use other keys, which is a warning, or none of its own, which is refused", async () => {
        await make("on ~* +@all");
        assert.match(
          (await found(checked(primary, given)))[0],
          /^warning: redisSessionServer\.users\.user-service may use keys of other services/,
        );
        await make("on ~user-service:* +@all");
        assert.match(
          (await found(checked(primary, given)))[0],
          /^fault: redisSessionServer\.users\.user-service must be a user that may use the keys pr-7-user-service:\*.*NOPERM/,
        );
      });
    });
  });

  describe("users", () => {
    it("are made on every node, and a node that keeps them nowhere is named", async () => {
      const { value, lines } = await printed(() => create(inputs()));
      state = value.outs as RedisUserState;
      assert.deepEqual(lines, [
        `${address(primary)} has no file to keep users in: a restart of it forgets ${NAME}, and the next up makes it again.`,
      ]);
      await asService(primary, "SET", KEY, "value");
      await onNode(primary, "WAIT", "1", "5000");
      assert.equal(await asService(replica, "GET", KEY), "value");
    });

    it("survive a restart where a file keeps them, and are drift of the other nodes", async () => {
      const { lines } = await printed(() => create({ ...inputs(), ...evicting, replicas: [] }));
      assert.deepEqual(lines, []);
      await Promise.all([
        nodes.restart("primary", primary),
        nodes.restart("replica", replica),
        nodes.restart("evicting", evicting),
      ]);
      for (const node of [replica, evicting]) {
        assert.ok((await usersOn(node)).includes(NAME));
      }
      const { props } = await read(ID, state);
      assert.equal((props as RedisUserState).drifted, true);
      assert.deepEqual((props as RedisUserState).driftedNodes, [address(primary)]);
      await printed(() => update(ID, props as RedisUserState, inputs()));
      assert.deepEqual(await usersOn(primary), ["default", NAME]);
      assert.deepEqual((await read(ID, state)).props, state, "no drift");
    });

    it("that were changed on a replica are drift of that node, which an update mends", async () => {
      await onNode(replica, "ACL", "SETUSER", NAME, "~other:*");
      const { props } = await read(ID, state);
      assert.equal((props as RedisUserState).drifted, true);
      assert.deepEqual((props as RedisUserState).driftedNodes, [address(replica)]);
      const resource = { type: TYPES.redisUser, urn: "urn", outputs: state };
      const { found, unanswered } = await checkDrift([resource as never]);
      assert.deepEqual(
        found.map(({ sentence }) => sentence.split(": ")[0]),
        [`Redis user ${NAME} at ${address(replica)}`],
      );
      assert.match(found[0].sentence, /keys: ~other:\* was added/);
      assert.deepEqual(unanswered, []);
      await printed(() => update(ID, props as RedisUserState, inputs()));
      assert.deepEqual((await read(ID, state)).props, state);
    });

    it("are deleted on every node, and with them the keys that begin with the stack's prefix", async () => {
      const keys = Array.from({ length: 2_500 }, (_, index) => [`${NAME}:${index}`, "value"]);
      await onNode(
        primary,
        "MSET",
        ...keys.flat(),
        "pr-70-user-service:a",
        "1",
        "user-service",
        "1",
      );
      await followed(primary, replica);
      await remove(ID, state);
      for (const node of [primary, replica]) {
        assert.deepEqual(await usersOn(node), ["default"]);
      }
      assert.deepEqual(((await onNode(primary, "KEYS", "*")) as string[]).sort(), [
        "pr-70-user-service:a",
        "user-service",
      ]);
      await remove(ID, state);
    });

    it("leave their keys where these are not the stack's alone", async () => {
      const { value } = await printed(() => create({ ...inputs(), ownKeys: undefined }));
      await asService(primary, "SET", KEY, "value");
      await remove(ID, value.outs as RedisUserState);
      assert.equal(await onNode(primary, "GET", KEY), "value");
    });

    it("log in after a failover, while an update names the node that is gone", async () => {
      const { value } = await printed(() => create(inputs()));
      state = value.outs as RedisUserState;
      await asService(primary, "SET", KEY, "value");
      await onNode(primary, "WAIT", "1", "5000");
      await docker("kill", nodes.containerOf("primary"));
      await onNode(replica, "REPLICAOF", "NO", "ONE");
      assert.equal(await asService(replica, "GET", KEY), "value");
      assert.equal(await asService(replica, "SET", KEY, "after"), "OK");
      await assert.rejects(
        update(ID, state, inputs()),
        new RegExp(`^Error: ${NAME}@${address(primary).replaceAll(".", "\\.")}: `),
      );
      assert.deepEqual((await read(ID, state)).props, state, "nothing is known of it: no drift");
    });
  });
});

/** Resolves once the replica follows the primary again, and has its keys. */
async function followed(primary: RedisNode, replica: RedisNode): Promise<void> {
  for (let attempt = 1; attempt <= 100; attempt += 1) {
    if ((await onNode(primary, "DBSIZE")) === (await onNode(replica, "DBSIZE"))) {
      return;
    }
    await sleep(100);
  }
  throw new Error("the replica does not follow");
}
