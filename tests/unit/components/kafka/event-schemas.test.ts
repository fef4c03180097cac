import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import * as pulumi from "@pulumi/pulumi";

import { EVENT_TYPES } from "../../../../catalog/topics";
import { refuseUnfitServers } from "../../../../components/existing-servers";
import { EventSchemas } from "../../../../components/kafka/event-schemas";
import { check, diff, read } from "../../../../components/kafka/event-schemas.provider";
import type { EventSchemasInputs } from "../../../../components/kafka/event-schemas-inputs";
import { existingRegistry } from "../../../../components/kafka/existing-kafka";
import type { KafkaCluster } from "../../../../components/kafka/kafka-cluster";
import type { PlatformConfig } from "../../../../config";
import { UNKNOWN_SECRET } from "../../../../config-servers";
import { generatedPassword, recordResources, settled, TYPES } from "../../support/mocks";
import { closedPort } from "../../support/ports";
import { devProgram, loading, PROJECT, runProgram } from "../../support/program";

describe("the schemas of events in the program", () => {
  it("are one resource, which names each version by topic and type, and goes with the broker's data", async () => {
    const { recorded } = await devProgram();
    const schemas = recorded.only(TYPES.schemas);
    const { schemas: hashes, ...inputs } = schemas.inputs as EventSchemasInputs;
    delete (inputs as { __provider?: string }).__provider;
    assert.deepStrictEqual(inputs, {
      ...{ registryUrl: "http://localhost:18081", username: "platform-admin" },
      password: generatedPassword("redpanda-password"),
      ...{ directory: "schemas", level: "FORWARD_TRANSITIVE" },
    });
    const types = Object.entries(hashes).flatMap(([topic, of]) =>
      Object.entries(of).map(([type, versions]) => `${topic} ${type} ${versions.length}`),
    );
    assert.deepStrictEqual(
      types.sort(),
      EVENT_TYPES.map((type) => `${type.split(".")[0]}-events ${type} 1`).sort(),
    );
    assert.deepStrictEqual(schemas.secretInputs, ["password"]);
    assert.deepStrictEqual(schemas.additionalSecretOutputs, ["password"]);
    assert.strictEqual(schemas.deletedWith?.split("::")[0], TYPES.volume);
    assert.ok(schemas.dependsOn.some((key) => key.startsWith(TYPES.container)));
  }).timeout(60_000);

  it(
    "are left out on request",
    loading(async () => {
      const { recorded } = await runProgram("pr-8", { eventSchemas: false });
      assert.deepStrictEqual(recorded.all(TYPES.schemas), []);
    }),
  );

  it("have the prefix of the stack, and the authorities of an encrypted registry", async () => {
    const recorded = recordResources(PROJECT, "pr-9");
    const cluster = {
      schemaRegistry: { url: "https://registry.example", internalUrl: "" },
      trusted: pulumi.output("pem"),
    } as KafkaCluster;
    const login = { username: "registrar", password: "p" };
    new EventSchemas("schemas", { cluster, login, prefix: "pr-9", deletes: true });
    await settled();
    const { inputs } = recorded.only(TYPES.schemas);
    assert.strictEqual("pr-9-user-events" in (inputs.schemas as object), true);
    assert.deepStrictEqual([inputs.trusted, inputs.deletes], ["pem", true]);
  });
});

describe("who registers schemas in a registry that exists", () => {
  const administrator = { username: "admin", password: pulumi.secret("a") };
  const url = "https://registry.example";
  const registrar = (registry: object) =>
    existingRegistry({ url, ...registry }, administrator)?.registrar?.username;

  it("is its own login, else the administrator of the brokers, unless it has other logins", () => {
    assert.strictEqual(registrar({ username: "own", password: "b", users: {} }), "own");
    assert.strictEqual(registrar({}), "admin");
    assert.strictEqual(registrar({ users: {} }), undefined);
    assert.strictEqual(existingRegistry({ url })?.registrar, undefined);
    assert.strictEqual(existingRegistry(undefined, administrator), undefined);
  });

  const warnings = async (config: Partial<PlatformConfig>): Promise<string[]> => {
    const said: string[] = [];
    await refuseUnfitServers(
      { eventSchemas: true, sharedPrefix: "", ...config } as PlatformConfig,
      (message) => said.push(message),
    );
    return said;
  };
  // Nobody asks a server whose password only the engine knows.
  const kafkaCluster = { password: UNKNOWN_SECRET } as PlatformConfig["kafkaCluster"];

  it("is said where it is nobody, unless that is meant so", async () => {
    const server = createServer((_, response) => response.end("[]"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const schemaRegistry = { url: `http://127.0.0.1:${port}`, users: {} };
      const advice = "No event schema is registered; eventSchemas: false says that it is meant so.";
      assert.deepStrictEqual(await warnings({ kafkaCluster }), [
        `learning-platform:schemaRegistry names no registry. ${advice}`,
      ]);
      assert.deepStrictEqual(await warnings({ schemaRegistry }), [
        `learning-platform:schemaRegistry.username names nobody who registers schemas. ${advice}`,
      ]);
      const { url: own } = schemaRegistry;
      assert.strictEqual((await warnings({ schemaRegistry: { url: own } })).length, 1);
      assert.deepStrictEqual(await warnings({ kafkaCluster, eventSchemas: false }), []);
      assert.deepStrictEqual(await warnings({}), []);
    } finally {
      server.close();
    }
  });
});

describe("the provider of the schemas of events", () => {
  const inputs: EventSchemasInputs = {
    ...{ registryUrl: "http://127.0.0.1:1", username: "admin", password: "p" },
    ...{ directory: "schemas", level: "FORWARD_TRANSITIVE" },
    schemas: { "user-events": { "user.deleted.v1": ["a", "b"] } },
  };
  const versions = (...hashes: string[]): EventSchemasInputs => ({
    ...inputs,
    schemas: { "user-events": { "user.deleted.v1": hashes } },
  });

  it("refuses versions that were registered and are gone or edited, without any registry", async () => {
    const reasons = async (news: EventSchemasInputs) =>
      ((await check(inputs, news)).failures ?? []).map(({ reason }) => reason);
    const advice = "Restore it; put a change into a new version.";
    assert.deepStrictEqual(await reasons(versions("a")), [
      `schemas/user.deleted.v1/2.json was registered, and is gone. ${advice}`,
    ]);
    assert.deepStrictEqual(await reasons(versions("a", "c", "d")), [
      `schemas/user.deleted.v1/2.json was registered, and is not the same any more. ${advice}`,
    ]);
    assert.deepStrictEqual(await reasons(versions("a", "b", "c")), []);
    assert.deepStrictEqual(await reasons({ ...inputs, schemas: {} }), []);
  });

  it("sees a change in any input and what a refresh found, and replaces nothing", async () => {
    const changes = async (olds: object, news: EventSchemasInputs) =>
      diff("", { ...inputs, ...olds }, news);
    assert.deepStrictEqual(await changes({ __provider: "x" }, inputs), { changes: false });
    assert.deepStrictEqual(await changes({}, versions("a", "b", "c")), { changes: true });
    assert.deepStrictEqual(await changes({ trusted: "pem" }, inputs), { changes: true });
    assert.deepStrictEqual(await changes({ drift: ["missing"] }, inputs), { changes: true });
  });

  it("leaves the state as it is where the registry does not answer", async () => {
    const state = { ...inputs, registryUrl: `http://127.0.0.1:${await closedPort()}` };
    assert.deepStrictEqual((await read("", state)).props, state);
  });
});
