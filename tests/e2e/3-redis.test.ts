import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { SERVICE_NAMES, SERVICES } from "../../catalog/services";
import { withRedis } from "./support/clients";
import { platform } from "./support/hooks";

describe("Redis of stack dev", () => {
  for (const instance of ["cache", "session"] as const) {
    describe(instance, () => {
      const login = () => platform().outputs.services["user-service"][instance]!;

      it("answers, stores a key, and expires it", () =>
        withRedis(login().url, async (client) => {
          assert.equal(await client.ping(), "PONG");
          await client.set("user-service:e2e", "value", { expiration: { type: "PX", value: 300 } });
          assert.equal(await client.get("user-service:e2e"), "value");
          await sleep(400);
          assert.equal(await client.get("user-service:e2e"), null);
        }));

      it("is version 7", async () => {
        const key = instance === "cache" ? "redis" : "redisSession";
        const { username, password } = platform().outputs.administrators[key]!;
        const { port } = login();
        const url = `redis://${username}:${password}@localhost:${port}`;
        assert.match(await withRedis(url, (client) => client.info("server")), /redis_version:7\./);
      });
    });
  }

  it("accepts each service only on the instances that it uses", () => {
    const { services } = platform().outputs;
    for (const service of SERVICE_NAMES) {
      const handedOut = (["cache", "session"] as const).filter((name) => services[service][name]);
      assert.deepEqual(handedOut, SERVICES[service].redis);
    }
  });
});
