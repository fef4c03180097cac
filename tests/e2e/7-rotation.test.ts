import assert from "node:assert/strict";

import { createClient } from "@redis/client";
import { Client } from "pg";

import type { ServiceConnections } from "../../contract/connections";
import { kafkaAs, withDatabase, withRedis } from "./support/clients";
import { docker } from "./support/docker";
import { platform, readOutputs } from "./support/hooks";

const SERVICE = "user-service";
const BROKER = "localhost:19092";

/** Each running container of the stack with its id. A recreated container has another id. */
const containers = async () => {
  const own = ["--filter", "label=learning-platform.stack=dev"];
  return (await docker("ps", ...own, "--no-trunc", "--format", "{{.Names}} {{.ID}}"))
    .split("\n")
    .sort();
};

const topicsBy = async ({ kafka }: ServiceConnections) => {
  const admin = kafkaAs(BROKER, kafka).admin();
  await admin.connect();
  try {
    return await admin.listTopics();
  } finally {
    await admin.disconnect();
  }
};

describe("Renewing a service's passwords", () => {
  let old: ServiceConnections;
  let renewed: ServiceConnections;
  let database: Client;
  let cache: ReturnType<typeof createClient>;
  let kafka: ReturnType<ReturnType<typeof kafkaAs>["producer"]>;
  let containersBefore: string[];

  before(async () => {
    old = platform().outputs.services[SERVICE];
    containersBefore = await containers();
    database = new Client({ connectionString: old.database.url });
    await database.connect();
    cache = createClient({ url: old.cache.url, socket: { reconnectStrategy: false } });
    await cache.connect();
    kafka = kafkaAs(BROKER, old.kafka).producer();
    await kafka.connect();
  });
  after(async () => {
    await Promise.allSettled([database.end(), cache.close(), kafka.disconnect()]);
  });

  it("is refused without confirmation", async () => {
    const { code, stdout, stderr } = await platform().checkout.npm("rotate", [SERVICE]);
    assert.equal(code, 1);
    assert.match(stdout + stderr, /^ {2}user-service-app-password$/m);
    assert.match(stderr, /Nothing was changed: there is no terminal to confirm on/);
    assert.deepEqual((await readOutputs(platform().checkout)).services[SERVICE], old);
  });

  it("changes the passwords of its users only", async () => {
    const { checkout } = platform();
    const printed = await checkout.npmOk("rotate", [SERVICE, "--yes"]);
    assert.match(printed, /^Renewed 6 passwords of user-service/m);
    const outputs = await readOutputs(checkout);
    renewed = outputs.services[SERVICE];
    const passwords = (of: ServiceConnections) => [
      of.database.password,
      of.databaseReadonly.password,
      of.cache.password,
      of.session?.password,
      of.kafka.password,
    ];
    const fresh = passwords(renewed).filter((each) => each && !passwords(old).includes(each));
    assert.equal(fresh.length, 5);
    for (const [service, settings] of Object.entries(platform().outputs.services)) {
      if (service !== SERVICE) {
        assert.deepEqual(outputs.services[service], settings, service);
      }
    }
    assert.deepEqual(outputs.administrators, platform().outputs.administrators);
  });

  it("replaces no container", async () => {
    assert.deepEqual(await containers(), containersBefore);
  });

  it("keeps open connections on each system", async () => {
    const { rows } = await database.query<{ name: string }>("select current_user as name");
    assert.equal(rows[0].name, "user_service_app");
    assert.equal(await cache.set(`${SERVICE}:rotation`, "kept"), "OK");
    const [{ errorCode }] = await kafka.send({
      topic: "user-events",
      messages: [{ value: "kept" }],
    });
    assert.equal(errorCode, 0);
  });

  it("makes the new passwords valid and the old ones invalid", async () => {
    await withDatabase(renewed.database.url, (client) => client.query("select 1"));
    await assert.rejects(
      withDatabase(old.database.url, (client) => client.query("select 1")),
      { code: "28P01" },
    );
    assert.equal(
      await withRedis(renewed.cache.url, (client) => client.get(`${SERVICE}:rotation`)),
      "kept",
    );
    await assert.rejects(
      withRedis(old.cache.url, (client) => client.ping()),
      /WRONGPASS/,
    );
    assert.ok((await topicsBy(renewed)).includes("user-events"));
    await assert.rejects(topicsBy(old), /authentication/i);
  });

  it("leaves a stack without pending changes", async () => {
    const { checkout } = platform();
    assert.match(await checkout.npmOk("preview"), /^Plan for stack dev: \d+ unchanged$/m);
    platform().outputs = await readOutputs(checkout);
  });
});
