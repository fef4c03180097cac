import assert from "node:assert/strict";

import { RedisUser } from "../../../../components/redis/redis-user";
import { REDIS_INSTANCES, SERVICES } from "../../../support/contract";
import {
  generatedPassword,
  type Recorded,
  recordResources,
  settled,
  TYPES,
} from "../../support/mocks";
import { devProgram, loading, PROJECT } from "../../support/program";

/** Services by the instance that they log in to. */
const INSTANCES: Record<string, { port: number; services: string[] }> = {
  redis: { port: 6379, services: servicesOf("cache") },
  "redis-session": { port: 6380, services: servicesOf("session") },
};

function servicesOf(instance: string): string[] {
  return SERVICES.filter((service) => REDIS_INSTANCES[service].includes(instance)).sort();
}

describe("Redis users", () => {
  let recorded: Recorded;
  before(loading(async () => ({ recorded } = await devProgram())));

  for (const [instance, { port, services }] of Object.entries(INSTANCES)) {
    const usersOf = () =>
      recorded
        .all(TYPES.redisUser)
        .filter(({ parent }) => parent === `learning-platform:redis:RedisAccounts::${instance}`);

    it(`of ${instance} are the services that use it, each limited to its own keys and channels`, () => {
      assert.deepStrictEqual(
        usersOf().map(({ inputs: { __provider, ...inputs } }) => inputs),
        services.map((service) => ({
          host: "localhost",
          port,
          adminUsername: "platform-admin",
          adminPassword: generatedPassword(`${instance}-password`),
          username: service,
          password: generatedPassword(`${instance}-${service}-password`),
          rules: [
            `~${service}:*`,
            `&${service}:*`,
            "+@all",
            "-@admin",
            "-@dangerous",
            "-scan",
            "-randomkey",
            "-dbsize",
            "-pubsub",
            "-memory",
            "+memory|usage",
            "-client|tracking",
            "-function",
            "-script",
            "+script|load",
            "+script|exists",
            "+script|help",
          ],
        })),
      );
    });

    it(`of ${instance} have secret passwords, are created once it is healthy and deleted with its data`, () => {
      for (const user of usersOf()) {
        assert.deepStrictEqual(user.secretInputs.sort(), ["adminPassword", "password"]);
        assert.deepStrictEqual(user.additionalSecretOutputs.sort(), ["adminPassword", "password"]);
        assert.ok(user.dependsOn.includes(`${TYPES.container}::${instance}-container`));
        assert.strictEqual(user.deletedWith, `${TYPES.volume}::${instance}-data`);
      }
    });

    it(`of ${instance} keep their state, and their passwords, from when they were children of the server`, () => {
      const passwords = recorded
        .all(TYPES.password)
        .filter(({ parent }) => parent === `learning-platform:redis:RedisAccounts::${instance}`);
      assert.strictEqual(passwords.length, services.length);
      for (const { key, formerParents } of [...usersOf(), ...passwords]) {
        assert.deepStrictEqual(
          formerParents,
          [`learning-platform:redis:RedisInstance::${instance}`],
          key,
        );
      }
    });
  }

  it("keep passwords secret that are passed in plain text", async () => {
    const apart = recordResources(PROJECT, "dev");
    new RedisUser("clear", {
      host: "localhost",
      port: 6379,
      adminUsername: "admin",
      adminPassword: "one",
      username: "user",
      password: "two",
      rules: [],
    });
    await settled();
    const { secretInputs } = apart.only(TYPES.redisUser, "clear");
    assert.deepStrictEqual(secretInputs.sort(), ["adminPassword", "password"]);
  });
});
