import assert from "node:assert/strict";

import { addressMap, parseNodes } from "../../../client/src/redis/node-addresses";
import { PrimaryConnection } from "../../../client/src/redis/primary";
import { Sessions } from "../../../client/src/redis/sessions";
import { asMap, FakeRedis } from "../support/redis";

describe("Addresses of nodes", () => {
  it("are read from a list", () =>
    assert.deepEqual(parseNodes("localhost:6379,10.0.0.2:6380"), [
      { host: "localhost", port: 6379 },
      { host: "10.0.0.2", port: 6380 },
    ]));

  it("stand for what the nodes of a cluster announce", () =>
    assert.deepEqual(
      addressMap({ nodes: "localhost:1,localhost:2", announcedNodes: "redis:1,redis-2:2" }),
      { "redis:1": { host: "localhost", port: 1 }, "redis-2:2": { host: "localhost", port: 2 } },
    ));
});

describe("Sessions on two servers", () => {
  let servers: FakeRedis[];
  let connection: PrimaryConnection;
  let sessions: Sessions<string>;
  /** Index of the server that takes writes. */
  let primary: number;

  beforeEach(async () => {
    primary = 0;
    servers = [0, 1].map(
      (index) =>
        new FakeRedis(([name]) => {
          if (name === "HELLO") {
            return asMap({ server: "redis", role: index === primary ? "master" : "slave" });
          }
          if (name === "GETEX") {
            return index === primary ? '$3\r\n"x"' : "-READONLY You can't write against a replica.";
          }
          return undefined;
        }),
    );
    await Promise.all(servers.map((server) => server.listen()));
    connection = new PrimaryConnection(
      {
        ...{ host: "127.0.0.1", port: 1, username: "u", password: "p", url: "redis://" },
        keyPrefix: "u:",
        pool: { maxActive: 1, maxIdle: 1, minIdle: 1, maxWaitMs: 2_000 },
      },
      servers.map(({ port }) => `127.0.0.1:${port}`).join(","),
      { title: "sessions", waits: true, log: { warn: () => undefined } },
    );
    sessions = new Sessions(connection, { keyPrefix: "u:", ttlSeconds: 1, waitMs: 2_000 });
  });
  afterEach(async () => {
    await connection.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  const asked = (index: number) =>
    servers[index].commands.filter((command) => command.startsWith("GETEX")).length;

  it("are on the primary, whichever that is", async () => {
    primary = 1;
    assert.equal(await sessions.read("id"), "x");
    assert.deepEqual([asked(0), asked(1)], [0, 1]);
  });

  it("follow it to the other server when it has become a replica", async () => {
    assert.equal(await sessions.read("id"), "x");
    primary = 1;
    assert.equal(await sessions.read("id"), "x");
    assert.deepEqual([asked(0), asked(1)], [2, 1]);
  });

  it("follow it when it is gone", async () => {
    assert.equal(await sessions.read("id"), "x");
    await servers[0].close();
    primary = 1;
    assert.equal(await sessions.read("id"), "x");
  });

  it("fail in time while no server is the primary", async () => {
    primary = 2;
    await assert.rejects(
      new Sessions(connection, { keyPrefix: "u:", ttlSeconds: 1, waitMs: 300 }).read("id"),
      /no primary answered within 300 ms/,
    );
  });

  it("pass on what the primary itself refuses", async () => {
    servers[0].answer = ([name]) =>
      name === "HELLO" ? asMap({ role: "master" }) : name === "GETEX" ? "-NOPERM no" : undefined;
    await assert.rejects(sessions.read("id"), /NOPERM/);
    assert.equal(asked(0), 1);
  });
});
