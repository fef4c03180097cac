import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";

import type { PlatformEvent } from "../../client/src";
import { build, hasJdk, NO_JDK } from "../support/maven";
import { withDatabase, withRedis } from "./support/clients";
import { docker } from "./support/docker";
import { platform } from "./support/hooks";
import { clientOf, closeClients } from "./support/platform-client";
import { until } from "./support/running";
import { SpringService } from "./support/spring-service";

interface User {
  id: string;
  firstName: string;
  roles: string[];
}

describe("The example of a service with Spring Boot", function () {
  this.timeout(300_000);

  const folder = () => platform().checkout.path("examples", "spring-service");
  const own = () => platform().outputs.services["user-service"];
  let service: SpringService | undefined;
  let url: string;
  let id: string;

  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(url + path);
    assert.equal(response.status, 200, path);
    return response.json();
  };
  const readUser = () => get(`/users/${id}`) as Promise<User>;

  before(async function () {
    if (!hasJdk()) {
      process.stdout.write(NO_JDK);
      this.skip();
    }
    await platform().checkout.npmOk("env", [
      ...["user-service", "--format", "spring", "--show-secrets"],
      ...["--output", "examples/spring-service/application.yml"],
    ]);
    await build(folder(), "package");
    service = new SpringService(folder(), {
      // Shows the pool as it is, and not as it was configured: Spring binds the properties to the pool itself.
      "management.endpoints.web.exposure.include": "health,metrics,configprops",
      "management.endpoint.configprops.show-values": "always",
    });
    url = await service.url();
  });
  after(async () => {
    await closeClients();
    await service?.stop();
    if (id !== undefined) {
      await withDatabase(own().database.url, (client) =>
        client.query("delete from users where id = $1", [id]),
      );
    }
    for (const left of ["application.yml", "target"]) {
      rmSync(`${folder()}/${left}`, { recursive: true, force: true });
    }
  });

  it("is ready, with its database", async () => {
    await until(async () => (await fetch(`${url}/actuator/health/readiness`)).status === 200);
    assert.deepEqual(await get("/actuator/health/readiness"), { status: "UP" });
    assert.equal(((await get("/actuator/health")) as { status: string }).status, "UP");
  });

  it("has HikariCP's pool as the contract says, with leak detection", async () => {
    const { contexts } = (await get("/actuator/configprops")) as {
      contexts: Record<string, { beans: Record<string, { properties: Record<string, unknown> }> }>;
    };
    const [pool] = Object.values(contexts).map(({ beans }) => beans.dataSource.properties);
    assert.deepEqual(
      [pool.poolName, pool.maximumPoolSize, pool.minimumIdle, pool.leakDetectionThreshold],
      ["user-service", 20, 5, 60_000],
    );
    const { measurements } = (await get("/actuator/metrics/hikaricp.connections.max")) as {
      measurements: { value: number }[];
    };
    assert.equal(measurements[0].value, 20);
  });

  it("stores a row, and writes an event that a service in TypeScript reads", async () => {
    const events: PlatformEvent[] = [];
    const consumer = clientOf("payment-service")
      .consumer({ topics: ["user-events"], group: `spring-${randomUUID()}` })
      .on({ "user.registered.v1": async (event) => void events.push(event) })
      .start();
    const user = { email: `${randomUUID()}@example.com`, firstName: "Ann", lastName: "Example" };
    const response = await fetch(`${url}/users`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(user),
    });
    assert.equal(response.status, 201);
    id = await response.text();
    await until(() => events.some(({ subject }) => subject === id));
    await consumer.stop();
    const { source, data } = events.find(({ subject }) => subject === id)!;
    assert.deepEqual([source, data], ["user-service", { userId: id }]);
  });

  it("reads from the cache, below the service's prefix and for the time of the type", async () => {
    assert.equal((await readUser()).firstName, "Ann");
    await withRedis(own().cache.url, async (redis) => {
      const seconds = await redis.ttl(`user-service:users::${id}`);
      assert.ok(seconds > 1_700 && seconds <= 1_800, String(seconds));
    });
    await withDatabase(own().database.url, (client) =>
      client.query("update users set first_name = 'Bea' where id = $1", [id]),
    );
    assert.equal((await readUser()).firstName, "Ann");
  });

  it("does what an event of another service asks for, and forgets what it cached", async () => {
    await clientOf("payment-service")
      .producer()
      .publish("payment-events", {
        ...{ type: "payment.subscription-activated.v1", subject: id, data: { userId: id } },
      });
    await until(async () => (await readUser()).roles.includes("PRO_USER"));
    assert.equal((await readUser()).firstName, "Bea");
  });

  it("moves what it cannot handle to the dead letters, and goes on", async () => {
    const value = `no event ${randomUUID()}`;
    const { npmOk } = platform().checkout;
    const topic = (...args: string[]) => npmOk.call(platform().checkout, "topic", args);
    await topic("produce", "payment-events", value, "--as", "payment-service");
    await until(async () => {
      const messages = await topic("tail", "payment-events-dlq", "--as", "user-service");
      return messages.includes(value);
    });
  });

  it("reads on while its cache is away", async () => {
    const { container } = platform().outputs.accessPoints.redis;
    await docker("stop", "--time", "1", container);
    try {
      assert.equal((await readUser()).firstName, "Bea");
      assert.deepEqual(await get("/actuator/health/readiness"), { status: "UP" });
    } finally {
      await docker("start", container);
    }
    await until(async () => {
      await readUser();
      const key = `user-service:users::${id}`;
      const held = withRedis(own().cache.url, (redis) => redis.exists(key));
      return (await held.catch(() => 0)) === 1;
    });
  });

  it("prints no password", () => {
    const passwords = [...JSON.stringify(own()).matchAll(/"password":"([^"]+)"/g)];
    assert.ok(passwords.length > 0);
    assert.ok(passwords.every(([, password]) => !service!.printed.includes(password)));
  });
});
