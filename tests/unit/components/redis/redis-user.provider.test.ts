import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Server } from "node:net";

import {
  check,
  create,
  delete as remove,
  diff,
  read,
  update,
} from "../../../../components/redis/redis-user.provider";
import type { RedisUserInputs } from "../../../../components/redis/redis-user-inputs";
import { closedPort } from "../../support/ports";

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
  let server: Server;
  let commands: string[];
  const at = () => ({ ...inputs, host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  const acls = () => commands.filter((command) => /^acl/i.test(command));

  /** Answers every command as if it had succeeded, and records it: `*2 $3 ACL $4 SAVE`, by lines. */
  before((done) => {
    server = createServer((socket) => {
      socket.on("data", (data) => {
        for (const text of data
          .toString()
          .split(/^\*\d+\r\n/m)
          .filter(Boolean)) {
          const words = text.split("\r\n").filter((word) => word !== "" && !word.startsWith("$"));
          commands.push(words.join(" "));
          socket.write(answerTo(words));
        }
      });
    }).listen(0, "127.0.0.1", done);
  });
  after((done) => {
    server.close(done);
  });
  beforeEach(() => {
    commands = [];
  });

  it("is saved to the server's file of users, and so is its removal", async () => {
    await create(at());
    assert.deepStrictEqual(
      acls().map((command) => command.split(" ")[1]),
      ["SETUSER", "SAVE", "GETUSER"],
    );
    commands = [];
    await remove("id", { ...at(), applied: "", drifted: false });
    assert.deepStrictEqual(acls(), ["ACL DELUSER user-service", "ACL SAVE"]);
  });
});

function answerTo([command, action]: string[]): string {
  if (/^hello$/i.test(command)) {
    return "%1\r\n$5\r\nproto\r\n:3\r\n";
  }
  return action === "GETUSER" ? "*2\r\n$9\r\npasswords\r\n*0\r\n" : "+OK\r\n";
}
