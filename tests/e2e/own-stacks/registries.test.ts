import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { EVENT_TYPES, SCHEMA_COMPATIBILITY, topicOf } from "../../../catalog/topics";
import { compareSchemas } from "../../../cli/drift/schemas";
import * as provider from "../../../components/kafka/event-schemas.provider";
import type { EventSchemasInputs } from "../../../components/kafka/event-schemas-inputs";
import { RegistryClient } from "../../../components/kafka/registry-client";
import { breaks, readEventSchemas } from "../../../event-schemas";
import { hasJdk, NO_JDK } from "../../support/maven";
import { startApicurio } from "../../support/registries/apicurio";
import { object, SCHEMA_CASES, text } from "../../support/registries/cases";
import { LOGIN, type RunningRegistry } from "../../support/registries/running";
import { hasPython, startStandIn } from "../../support/registries/stand-in";
import { ROOT } from "../../unit/support/program";

const REGISTRIES: [string, () => Promise<RunningRegistry>, boolean][] = [
  ["the registry of the stand-in for Redpanda", startStandIn, hasPython()],
  ["Apicurio Registry", startApicurio, hasJdk()],
];

/** A real registry and the stand-in's are asked the same, and must answer alike. */
for (const [title, start, canRun] of REGISTRIES) {
  describe(`Schemas of events in ${title}`, () => {
    const isStandIn = start === startStandIn;
    let registry: RunningRegistry;
    let client: RegistryClient;
    let folder: string;

    before(async function () {
      if (!canRun) {
        process.stdout.write(isStandIn ? "    skipped: needs python3 on the PATH\n" : NO_JDK);
        this.skip();
      }
      registry = await start();
      client = new RegistryClient({ url: registry.url, login: LOGIN });
    });
    beforeEach(() => {
      folder = mkdtempSync(path.join(tmpdir(), "schemas-"));
      cpSync(path.join(ROOT, "schemas"), folder, { recursive: true });
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));
    after(() => registry?.stop());

    const inputs = (prefix: string, more: Partial<EventSchemasInputs> = {}): EventSchemasInputs => {
      const schemas: Record<string, Record<string, string[]>> = {};
      for (const [type, versions] of Object.entries(readEventSchemas(folder, EVENT_TYPES))) {
        const topic = `${prefix}-${topicOf(type)}`;
        (schemas[topic] ??= {})[type] = versions.map(({ hash }) => hash);
      }
      const { username, password } = LOGIN;
      return {
        ...{ registryUrl: registry.url, username, password, directory: folder },
        ...{ level: SCHEMA_COMPATIBILITY, schemas, ...more },
      };
    };
    const file = (type: string, version: number) => path.join(folder, type, `${version}.json`);
    /** Writes a version that has one property more than the first one. */
    const write = (type: string, version: number): string => {
      const schema = JSON.parse(readFileSync(file(type, 1), "utf8")) as { properties: object };
      const properties = { ...schema.properties, reason: text({ description: "Why." }) };
      const json = JSON.stringify({ ...schema, properties });
      writeFileSync(file(type, version), json);
      return json;
    };
    const DELETED = "user.deleted.v1";
    const REGISTERED = "user.registered.v1";
    const failures = async (olds: Partial<EventSchemasInputs>, news: EventSchemasInputs) =>
      ((await provider.check(olds, news)).failures ?? []).map(({ reason }) => reason);
    const differences = async (state: EventSchemasInputs) =>
      (await compareSchemas(state)).flatMap(({ subject, differences: found }) =>
        found.map((sentence) => `${subject.subject}: ${sentence}`),
      );

    for (const level of ["BACKWARD", "FORWARD", "FULL", "NONE"] as const) {
      it(`compares versions at the level ${level}`, async () => {
        for (const [index, given] of SCHEMA_CASES.entries()) {
          const expected = { ...given, ...(isStandIn ? given.redpanda : {}) };
          const subject = `case-${level}-${index}`;
          await client.register(subject, JSON.stringify(given.older));
          await client.setLevel(subject, level);
          const newer = JSON.stringify(given.newer);
          const takes =
            (!/BACK|FULL/.test(level) || expected.backward) &&
            (!/FORW|FULL/.test(level) || expected.forward);
          const refused = await client.incompatibilities(subject, newer);
          assert.equal(refused.length === 0, takes, `${given.title}: ${refused.join()}`);
          const registering = client.register(subject, newer);
          await (takes ? registering : assert.rejects(registering, { status: 409 }, given.title));
          assert.deepEqual(await client.versions(subject), takes ? [1, 2] : [1], given.title);
        }
      });
    }

    it("takes at the platform's level what the program allows", async () => {
      for (const [
        index,
        { title: what, older, newer, allowed, forward },
      ] of SCHEMA_CASES.entries()) {
        assert.equal(breaks(older, newer).length === 0, allowed, what);
        // A schema that allows nothing else is none that the program allows at all.
        if (allowed && !("additionalProperties" in older)) {
          const subject = `allowed-${index}`;
          await client.register(subject, JSON.stringify(older));
          await client.setLevel(subject, SCHEMA_COMPATIBILITY);
          assert.deepEqual(
            await client.incompatibilities(subject, JSON.stringify(newer)),
            [],
            what,
          );
          assert.ok(forward);
        }
      }
    });

    it("compares with every version where the level is transitive", async () => {
      for (const level of ["BACKWARD", "BACKWARD_TRANSITIVE"]) {
        const subject = `transitive-${level}`;
        await client.register(subject, JSON.stringify(object({ a: text() }, ["a"])));
        await client.setLevel(subject, "NONE");
        const integer = text({ type: "integer" });
        await client.register(subject, JSON.stringify(object({ a: integer }, ["a"])));
        await client.setLevel(subject, level);
        const third = client.register(subject, JSON.stringify(object({ a: integer })));
        await (level === "BACKWARD" ? third : assert.rejects(third, { status: 409 }));
      }
    });

    it("registers all schemas once, with their level, and finds nothing to change afterwards", async () => {
      const news = inputs("new");
      assert.deepEqual(await failures({}, news), []);
      const { outs } = await provider.create(news);
      assert.deepEqual(outs, news);
      assert.deepEqual(await differences(news), []);
      const own = (await client.subjects()).filter((name) => name.startsWith("new-"));
      assert.equal(own.length, EVENT_TYPES.length);
      assert.equal(await client.level("new-user-events-user.deleted.v1"), SCHEMA_COMPATIBILITY);
      await provider.update("", news, news);
      assert.deepEqual(await client.versions("new-user-events-user.deleted.v1"), [1]);
      const seen = await provider.read("", news);
      assert.deepEqual(seen.props, news);
      assert.deepEqual(await provider.diff("", news, news), { changes: false });
    });

    it("registers a new version, and refuses one in the plan that the registry would refuse", async () => {
      const before = inputs("next");
      await provider.create(before);
      write(DELETED, 2);
      const after = inputs("next");
      assert.deepEqual(await failures(before, after), []);
      assert.deepEqual(await provider.diff("", before, after), { changes: true });
      await provider.update("", before, after);
      assert.deepEqual(await client.versions("next-user-events-user.deleted.v1"), [1, 2]);
      assert.deepEqual(await differences(after), []);

      // The registry has a version that breaks with what the files say.
      const subject = "next-user-events-user.registered.v1";
      await client.setLevel(subject, "NONE");
      const strange = object({ userId: text({ type: "integer" }) }, ["userId"]);
      await client.register(subject, JSON.stringify(strange));
      await client.setLevel(subject, SCHEMA_COMPATIBILITY);
      assert.deepEqual(await differences(after), [
        `${subject}: version 2 of the registry was added`,
      ]);
      write(REGISTERED, 2);
      const [found, ...others] = await failures(after, inputs("next"));
      assert.match(
        found,
        /user\.registered\.v1\/2\.json: the registry refuses it for next-user-events/,
      );
      assert.deepEqual(others, []);
    });

    it("refuses a plan in which a registered version is gone or was edited", async () => {
      write(DELETED, 2);
      const before = inputs("kept");
      await provider.create(before);
      rmSync(file(DELETED, 2));
      const advice = "Restore it; put a change into a new version.";
      assert.deepEqual(await failures(before, inputs("kept")), [
        `${folder}/user.deleted.v1/2.json was registered, and is gone. ${advice}`,
      ]);
      write(DELETED, 1);
      const found = await failures(before, inputs("kept"));
      assert.equal(
        found[0],
        `${folder}/user.deleted.v1/1.json was registered, and is not the same any more. ${advice}`,
      );
    });

    it("repairs what was changed by hand: a schema deleted, one added, another level", async () => {
      const state = inputs("hand");
      await provider.create(state);
      const [gone, more, level] = ["deleted", "registered", "updated"].map(
        (word) => `hand-user-events-user.${word}.v1`,
      );
      await client.deleteSubject(gone);
      await client.register(more, write(REGISTERED, 2));
      rmSync(file(REGISTERED, 2));
      await client.setLevel(level, "NONE");
      assert.deepEqual((await differences(state)).sort(), [
        `${gone}: missing`,
        `${more}: version 2 of the registry was added`,
        `${level}: compatibility is NONE, should be ${SCHEMA_COMPATIBILITY}`,
      ]);
      const { props } = await provider.read("", state);
      assert.equal((props as { drift: string[] }).drift.length, 3);
      assert.deepEqual(await provider.diff("", props as EventSchemasInputs, state), {
        changes: true,
      });
      await provider.update("", props as EventSchemasInputs, state);
      assert.deepEqual(await differences(state), []);
    });

    it("leaves alone a subject of others that has its name, and says so in the plan", async () => {
      const subject = "others-user-events-user.deleted.v1";
      await client.register(subject, JSON.stringify(object({ a: text() })));
      const sentence = `${subject} has a version 1 in the registry that no file has. Add it as a file, or delete it there.`;
      const news = inputs("others");
      assert.deepEqual(await failures({}, news), [sentence]);
      await assert.rejects(
        provider.create(news),
        (error: Error & { properties: EventSchemasInputs }) => {
          assert.equal(error.message, sentence);
          // What was registered is in the state.
          assert.equal(
            error.properties.schemas["others-user-events"]["user.deleted.v1"],
            undefined,
          );
          assert.equal(error.properties.schemas["others-user-events"]["user.updated.v1"].length, 1);
          return true;
        },
      );
      assert.deepEqual(await client.versions(subject), [1]);
    });

    it("keeps schemas, unless they go with their stack", async () => {
      const kept = inputs("stays");
      await provider.create(kept);
      await provider.delete("", kept);
      assert.deepEqual(await differences(kept), []);
      const going = inputs("goes", { deletes: true });
      await provider.create(going);
      await provider.delete("", going);
      const names = await client.subjects();
      assert.deepEqual(
        names.filter((name) => name.startsWith("goes-")),
        [],
      );
      // Nothing of the old ones is compared with what comes next.
      await client.register(
        "goes-user-events-user.deleted.v1",
        JSON.stringify(object({ z: text() })),
      );
    });
  });
}
