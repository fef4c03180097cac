import assert from "node:assert/strict";
import { mock } from "node:test";

import {
  check,
  create,
  delete as remove,
  diff,
  read,
  update,
} from "../../../../components/redis/redis-user.provider";
import type {
  RedisUserInputs,
  RedisUserState,
} from "../../../../components/redis/redis-user-inputs";
import { closedPort } from "../../support/ports";
import { type Answer, asMap, FakeRedis } from "../../support/redis";

const inputs: RedisUserInputs = {
  host: "localhost",
  port: 6379,
  adminUsername: "platform-admin",
  adminPassword: "one",
  username: "user-service",
  password: "two",
  rules: ["~user-service:*", "+@all"],
};
const state = { ...inputs, applied: "as the server says", drifted: false };

describe("the plan of a Redis user", () => {
  it("does not change its inputs", async () => {
    assert.deepStrictEqual(await check({}, inputs), { inputs });
  });

  it("changes nothing if nothing differs", async () => {
    assert.deepStrictEqual(await diff("id", state, { ...inputs }), {
      changes: false,
      replaces: [],
      deleteBeforeReplace: false,
    });
  });

  const updates: [title: string, news: Partial<RedisUserInputs>][] = [
    ["another password", { password: "three" }],
    ["other rules", { rules: ["~user-service:*", "+@read"] }],
    ["the same rules in another order", { rules: ["+@all", "~user-service:*"] }],
    ["another administrator", { adminUsername: "root" }],
    ["a new password of the administrator", { adminPassword: "four" }],
    ["a server that answers on another host", { host: "redis.example" }],
    ["a server that answers on another port", { port: 6380 }],
    ["keys that go with it, or no longer do", { ownKeys: "pr-7-user-service:" }],
    ["a further node", { replicas: [{ host: "replica.example", port: 6379 }] }],
  ];
  for (const [title, news] of updates) {
    it(`updates the user in place for ${title}`, async () => {
      assert.deepStrictEqual(await diff("id", state, { ...inputs, ...news }), {
        changes: true,
        replaces: [],
        deleteBeforeReplace: false,
      });
    });
  }

  it("updates the user if a refresh found it changed by hand", async () => {
    const plan = await diff("id", { ...state, drifted: true }, inputs);
    assert.strictEqual(plan.changes, true);
    assert.deepStrictEqual(plan.replaces, []);
  });

  it("creates another user for another name, before it deletes the old one", async () => {
    assert.deepStrictEqual(await diff("id", state, { ...inputs, username: "payment-service" }), {
      changes: true,
      replaces: ["username"],
      deleteBeforeReplace: false,
    });
  });

  it("replaces a user only for another name, whatever else changes with it", async () => {
    const news = { host: "redis.example", port: 6380, adminPassword: "four", password: "three" };
    const plan = await diff("id", state, { ...inputs, ...news, username: "payment-service" });
    assert.deepStrictEqual(plan.replaces, ["username"]);
  });
});

describe("a Redis user whose server is stopped", function () {
  // The first to speak to a server loads the client.
  this.timeout(10_000);

  for (const drifted of [false, true]) {
    it(`does not change in a refresh${drifted ? ", drifted" : ""}`, async () => {
      const before = { ...state, drifted, host: "127.0.0.1", port: await closedPort() };
      assert.deepStrictEqual(await read("id", before), { id: "id", props: before });
    });
  }

  it("is not updated, and the error names user and server but no password", async () => {
    const news = { ...inputs, host: "127.0.0.1", port: await closedPort() };
    const secrets = { adminPassword: "not-to-be-told", password: "nor-this" };
    await assert.rejects(update("id", state, { ...news, ...secrets }), (error: Error) => {
      assert.match(error.message, new RegExp(`^user-service@127\\.0\\.0\\.1:${news.port}: `));
      assert.doesNotMatch(error.message, /not-to-be-told|nor-this/);
      return true;
    });
  });
});

describe("a Redis user on a server", () => {
  const server = new FakeRedis(answers());
  const replica = new FakeRedis(answers());
  before(() => Promise.all([server.listen(), replica.listen()]));
  after(() => Promise.all([server.close(), replica.close()]));
  beforeEach(() => {
    for (const node of [server, replica]) {
      node.commands = [];
      node.answer = answers();
    }
  });

  const nodeOf = ({ port }: FakeRedis) => ({ host: "127.0.0.1", port });
  const at = () => ({ ...inputs, ...nodeOf(server) });
  const onBoth = () => ({ ...at(), replicas: [nodeOf(replica)] });
  const kept = (more: Partial<RedisUserState> = {}): RedisUserState => ({
    ...onBoth(),
    ...{ applied: APPLIED, replicasApplied: { [`127.0.0.1:${replica.port}`]: APPLIED } },
    ...{ drifted: false, ...more },
  });
  const written = ({ commands }: FakeRedis) =>
    commands.filter((command) => /^(acl|config|scan|unlink)/i.test(command));
  const actions = (node: FakeRedis) => written(node).map((command) => command.split(" ")[1]);

  it("is saved to the server's file of users, and so is its removal", async () => {
    await create(at());
    assert.deepStrictEqual(actions(server), ["SETUSER", "SAVE", "GETUSER"]);
    server.commands = [];
    await remove("id", { ...at(), applied: "", drifted: false });
    assert.deepStrictEqual(written(server), ["ACL DELUSER user-service", "ACL SAVE"]);
  });

  it("is made on each node, and what each node says of it is kept", async () => {
    replica.answer = answers([], "-@all +get");
    const { outs } = await create(onBoth());
    for (const node of [server, replica]) {
      assert.deepStrictEqual(actions(node), ["SETUSER", "SAVE", "GETUSER"]);
    }
    assert.deepStrictEqual(outs, {
      ...kept(),
      replicasApplied: { [`127.0.0.1:${replica.port}`]: description("-@all +get") },
    });
  });

  const NO_FILE = "-ERR This Redis instance is not configured to use an ACL file. You may want to";
  const elsewhere: [title: string, ...refused: [command: string, answer: string][]][] = [
    ["that has no file of users", ["ACL SAVE", NO_FILE]],
    ["whose administrator may not save users", ["ACL SAVE", "-NOPERM User has no permissions"]],
    [
      "that has no file at all",
      ["ACL SAVE", NO_FILE],
      ["CONFIG REWRITE", "-ERR The server is running without a config file"],
    ],
    [
      "whose file of settings cannot be written",
      ["ACL SAVE", NO_FILE],
      ["CONFIG REWRITE", "-ERR Rewriting config file: Read-only file system"],
    ],
    [
      "where nobody may change settings",
      ["ACL SAVE", NO_FILE],
      ["CONFIG REWRITE", "-ERR unknown command 'CONFIG', with args beginning with: 'REWRITE'"],
    ],
  ];
  for (const [title, ...refused] of elsewhere) {
    it(`is made on a server ${title}`, async () => {
      server.answer = answers(refused);
      const log = mock.method(console, "log", () => undefined);
      try {
        await create(at());
      } finally {
        log.mock.restore();
      }
      assert.deepStrictEqual(actions(server), ["SETUSER", "SAVE", "REWRITE", "GETUSER"]);
      const isKept = !refused.some(([command]) => command === "CONFIG REWRITE");
      assert.deepStrictEqual(
        log.mock.calls.map(({ arguments: printed }) => printed),
        isKept
          ? []
          : [
              [
                `127.0.0.1:${server.port} has no file to keep users in: a restart of it forgets user-service, and the next up makes it again.`,
              ],
            ],
      );
    });
  }

  it("is not made where the file of users cannot be written: a restart would bring old users back", async () => {
    server.answer = answers([["ACL SAVE", "-ERR There was an error trying to save the ACLs."]]);
    await assert.rejects(create(at()), /user-service@127\.0\.0\.1:\d+: ERR There was an error/);
  });

  it("is made on the other nodes where one does not answer, and the error names each that does not", async () => {
    const gone = [await closedPort(), await closedPort()];
    const replicas = [...gone.map((port) => ({ host: "127.0.0.1", port })), nodeOf(replica)];
    await assert.rejects(update("id", kept(), { ...at(), replicas }), (error: Error) => {
      assert.deepStrictEqual(
        error.message
          .split("\n")
          .map((line) => /^user-service@127\.0\.0\.1:(\d+): /.exec(line)?.[1]),
        gone.map(String),
      );
      return true;
    });
    assert.deepStrictEqual(actions(replica), ["SETUSER", "SAVE", "GETUSER"]);
  });

  it("has not drifted if each node says what it said", async () => {
    assert.deepStrictEqual(await read("id", kept()), { id: "id", props: kept() });
    // An order that another start of the server changes.
    server.answer = answers([], "+@all -set -get");
    const state = kept({ applied: description("+@all -get -set") });
    assert.deepStrictEqual((await read("id", state)).props, state);
  });

  it("has drifted where one node says something else, which is named", async () => {
    replica.answer = answers([], "+@all");
    const driftedNodes = [`127.0.0.1:${replica.port}`];
    const { props } = await read("id", kept());
    assert.deepStrictEqual(props, kept({ drifted: true, driftedNodes }));
    replica.answer = answers();
    assert.deepStrictEqual((await read("id", props as RedisUserState)).props, kept());
  });

  it("has drifted where one node lost it, and is gone only if every node did", async () => {
    const lost = answers([["ACL GETUSER", "*-1"]]);
    server.answer = lost;
    const driftedNodes = [`127.0.0.1:${server.port}`];
    const { props } = await read("id", kept());
    assert.deepStrictEqual(props, kept({ drifted: true, driftedNodes }));
    replica.answer = lost;
    assert.deepStrictEqual(await read("id", kept()), {});
  });

  it("has not drifted on a node that does not answer", async () => {
    const replicas = [{ host: "127.0.0.1", port: await closedPort() }];
    const state = kept({ replicas });
    assert.deepStrictEqual((await read("id", state)).props, state);
  });

  it("goes from every node, and leaves keys alone that are not known to be its own", async () => {
    await remove("id", kept());
    for (const node of [server, replica]) {
      assert.deepStrictEqual(actions(node), ["DELUSER", "SAVE"]);
    }
  });

  it("goes before its keys, which are deleted in steps", async () => {
    const pages = ["*2\r\n$1\r\n7\r\n*2\r\n$3\r\np:a\r\n$3\r\np:b", "*2\r\n$1\r\n0\r\n*0"];
    server.answer = (command) => (command[0] === "SCAN" ? pages.shift() : answers()(command));
    await remove("id", { ...kept({ ownKeys: "p:" }), replicas: [] });
    assert.deepStrictEqual(written(server), [
      ...["ACL DELUSER user-service", "ACL SAVE"],
      ...["SCAN 0 MATCH p:* COUNT 1000", "UNLINK p:a", "UNLINK p:b", "SCAN 7 MATCH p:* COUNT 1000"],
    ]);
  });

  const onReplica = answers([
    ["SCAN", "*2\r\n$1\r\n0\r\n*1\r\n$3\r\np:a"],
    ["UNLINK", "-READONLY You can't write against a read only replica."],
  ]);

  it("goes where one node is a replica, which follows the other", async () => {
    server.answer = answers([["SCAN", "*2\r\n$1\r\n0\r\n*0"]]);
    replica.answer = onReplica;
    await remove("id", kept({ ownKeys: "p:" }));
  });

  it("says that keys are left if every node is a replica", async () => {
    server.answer = onReplica;
    replica.answer = onReplica;
    await assert.rejects(remove("id", kept({ ownKeys: "p:" })), /begin with p: are left/);
  });

  it("deletes no key where the start of its keys is empty", async () => {
    await assert.rejects(remove("id", kept({ ownKeys: "" })), /refuses to delete every key/);
    assert.deepStrictEqual([server, replica].flatMap(actions).sort(), [
      ...["DELUSER", "DELUSER", "SAVE", "SAVE"],
    ]);
  });
});

const description = (commands: string) => JSON.stringify({ passwords: "other", commands });
const APPLIED = description("+@all -get");

/** Answers every command as if it had succeeded, except those that begin as given. */
function answers(
  special: [command: string, answer: string][] = [],
  commands = "+@all -get",
): Answer {
  return (words) => {
    const own = special.find(([command]) => words.join(" ").startsWith(command));
    if (own !== undefined) {
      return own[1];
    }
    if (words[0] === "SCAN") {
      return "*2\r\n$1\r\n0\r\n*0";
    }
    return words[1] === "GETUSER" ? asMap({ passwords: "none", commands }) : undefined;
  };
}
