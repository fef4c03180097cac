import assert from "node:assert/strict";

import type { createClient } from "@redis/client";

import { REDIS_INSTANCES, SERVICES } from "../support/contract";
import { withRedis } from "./support/clients";
import { platform } from "./support/hooks";

type Client = ReturnType<typeof createClient>;
type Acts = Record<string, string[]>;

const GRANTED = "granted";

/** First word of the error from the server, or GRANTED if there was none. */
async function outcome(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return GRANTED;
  } catch (error) {
    return (error as Error).message.split(" ")[0];
  }
}

/** Uses of keys and channels with a prefix. */
const actsOn = (prefix: string): Acts => ({
  read: ["GET", `${prefix}isolation`],
  write: ["SET", `${prefix}isolation`, "1", "PX", "60000"],
  "ask for": ["EXISTS", `${prefix}isolation`],
  expire: ["PEXPIRE", `${prefix}isolation`, "60000"],
  "write a hash of": ["HSET", `${prefix}isolation-hash`, "field", "1"],
  "write a stream of": ["XADD", `${prefix}isolation-stream`, "*", "field", "1"],
  "read several of": ["MGET", `${prefix}isolation`, `${prefix}other`],
  "read by a script": ["EVAL", "return redis.call('get', KEYS[1])", "1", `${prefix}isolation`],
  "measure a key of": ["MEMORY", "USAGE", `${prefix}isolation`],
  delete: ["UNLINK", `${prefix}isolation`, `${prefix}isolation-hash`, `${prefix}isolation-stream`],
  "publish to": ["PUBLISH", `${prefix}isolation`, "1"],
});

/** Acts with one key or channel of the service and one of another user. */
const actsBetween = (own: string, foreign: string): Acts => ({
  "rename to": ["RENAME", `${own}isolation`, `${foreign}isolation`],
  "copy from": ["COPY", `${foreign}isolation`, `${own}copy`],
  "read among its own": ["MGET", `${own}isolation`, `${foreign}isolation`],
  "listen to": ["SUBSCRIBE", `${foreign}isolation`],
  "listen by pattern to": ["PSUBSCRIBE", `${foreign}*`],
});

/** Commands that show other keys, and administrator commands. */
const SHARED_ACTS: Acts = Object.fromEntries(
  [
    "FLUSHALL",
    "FLUSHDB",
    "KEYS *",
    "SCAN 0",
    "RANDOMKEY",
    "DBSIZE",
    "CONFIG GET maxmemory",
    "CONFIG SET maxmemory 1",
    "CONFIG REWRITE",
    "ACL LIST",
    "ACL GETUSER platform-admin",
    "ACL SETUSER intruder on nopass ~* +@all",
    "ACL SAVE",
    "SHUTDOWN",
    "MONITOR",
    "INFO",
    "CLIENT LIST",
    "CLIENT KILL ID 1",
    "CLIENT PAUSE 1",
    "CLIENT TRACKING ON BCAST",
    "PUBSUB CHANNELS",
    "PSUBSCRIBE *",
    "MEMORY STATS",
    "MEMORY PURGE",
    "SLOWLOG GET",
    "LATENCY RESET",
    "SAVE",
    "BGSAVE",
    "BGREWRITEAOF",
    "SWAPDB 0 1",
    "REPLICAOF localhost 1",
    "PSYNC ? -1",
    "MODULE LIST",
    "SCRIPT FLUSH",
    "SCRIPT KILL",
    "SCRIPT DEBUG SYNC",
    "FUNCTION LIST",
    "FUNCTION FLUSH",
  ].map((line) => [line, line.split(" ")]),
);

async function tryAll(client: Client, acts: Acts): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, command] of Object.entries(acts)) {
    found[name] = await outcome(client.sendCommand(command));
  }
  return found;
}

const all = (acts: Acts, code: string) =>
  Object.fromEntries(Object.keys(acts).map((name) => [name, code]));

describe("The Redis users of stack dev", () => {
  const login = (service: string, instance: "cache" | "session") =>
    platform().outputs.services[service][instance];
  /** Port of an instance; user-service uses both. */
  const portOf = (instance: "cache" | "session") => login("user-service", instance)!.port;
  const url = (instance: "cache" | "session", username: string, password: string) =>
    `redis://${username}:${password}@localhost:${portOf(instance)}`;
  const knock = (address: string) => outcome(withRedis(address, (client) => client.ping()));

  for (const instance of ["cache", "session"] as const) {
    const users = SERVICES.filter((service) => REDIS_INSTANCES[service].includes(instance));
    const administrator = () => {
      const key = instance === "cache" ? "redis" : "redisSession";
      const { username, password } = platform().outputs.administrators[key]!;
      return url(instance, username, password);
    };

    describe(`of ${instance}`, () => {
      it("are the services that use it, the administrator and the health check", async () => {
        const lines = await withRedis(administrator(), (client) =>
          client.sendCommand<string[]>(["ACL", "LIST"]),
        );
        const found = lines.map((line) => line.split(" ").slice(1, 3).join(" "));
        assert.deepEqual(
          found.sort(),
          [
            "default off",
            "healthcheck on",
            "platform-admin on",
            ...users.map((user) => `${user} on`),
          ].sort(),
        );
      });

      it("must log in with a name and a password", async () => {
        const anonymous = `redis://localhost:${portOf(instance)}`;
        assert.equal(await knock(anonymous), "NOAUTH");
        const wrong = ["default", "platform-admin", "nobody", ...SERVICES].map((username) =>
          knock(url(instance, username, "wrong")),
        );
        assert.deepEqual([...new Set(await Promise.all(wrong))], ["WRONGPASS"]);
      });

      for (const service of SERVICES.filter((name) => !users.includes(name))) {
        it(`do not include ${service}, whose password for the other instance is refused`, async () => {
          const { password } = login(service, instance === "cache" ? "session" : "cache")!;
          assert.equal(await knock(url(instance, service, password)), "WRONGPASS");
        });
      }

      it("can only run PING as the health check", async () => {
        await withRedis(url(instance, "healthcheck", "none"), async (client) => {
          assert.equal(await client.ping(), "PONG");
          const acts = {
            ...actsOn("user-service:"),
            ...SHARED_ACTS,
            "ACL WHOAMI": ["ACL", "WHOAMI"],
          };
          assert.deepEqual(await tryAll(client, acts), all(acts, "NOPERM"));
        });
      });

      for (const service of users) {
        it(`allow ${service} its own keys and channels`, async () => {
          await withRedis(login(service, instance)!.url, async (client) => {
            const acts = actsOn(`${service}:`);
            assert.deepEqual(await tryAll(client, acts), all(acts, GRANTED));
          });
        });

        // The prefix of another service, a prefix that only starts the same, and none.
        const foreign = [
          ...SERVICES.filter((other) => other !== service).map((other) => `${other}:`),
          service,
          `${service}-2:`,
          "",
        ];
        for (const prefix of foreign) {
          it(`deny ${service} keys and channels that start with "${prefix}"`, async () => {
            await withRedis(login(service, instance)!.url, async (client) => {
              await client.set(`${service}:isolation`, "1", {
                expiration: { type: "PX", value: 60_000 },
              });
              const acts = { ...actsOn(prefix), ...actsBetween(`${service}:`, prefix) };
              assert.deepEqual(await tryAll(client, acts), all(acts, "NOPERM"));
            });
          });
        }

        it(`deny ${service} commands that show other keys, and administrator commands`, async () => {
          await withRedis(login(service, instance)!.url, async (client) => {
            assert.deepEqual(await tryAll(client, SHARED_ACTS), all(SHARED_ACTS, "NOPERM"));
          });
        });

        it(`deny a script of ${service} what they deny the service`, async () => {
          await withRedis(login(service, instance)!.url, async (client) => {
            for (const call of ["'get', 'platform:secret'", "'flushall'", "'config', 'get', '*'"]) {
              await assert.rejects(
                client.sendCommand(["EVAL", `return redis.call(${call})`, "0"]),
                /The user executing the script can't|ACL failure in script|not allowed from script/,
                call,
              );
            }
          });
        });
      }
    });
  }
});
