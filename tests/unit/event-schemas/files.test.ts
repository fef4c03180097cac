import assert from "node:assert/strict";

import { EVENT_TYPES } from "../../../catalog/topics";
import { breaks, EventSchemasError, readEventSchemas, type Schema } from "../../../event-schemas";
import { SCHEMA_CASES } from "../../support/registries/cases";
import { eventSchema, withSchemas } from "../support/schema-files";

const TYPE = "user.deleted.v1";
const text = (more: Schema = {}): Schema => ({ description: "A.", type: "string", ...more });
const schema = (properties: Schema = { a: text() }, required: string[] = []) =>
  eventSchema(TYPE, properties, required);

/** What is wrong with these files, without their folder. */
const faultsOf = (files: Record<string, Schema | string>, types = [TYPE]): string[] =>
  withSchemas(files, (folder) => {
    try {
      readEventSchemas(folder, types);
      return [];
    } catch (error) {
      assert.ok(error instanceof EventSchemasError);
      return error.faults.map((fault) => fault.replaceAll(`${folder}/`, ""));
    }
  });

describe("the schemas of events", () => {
  it("are there for every event type, and each version goes with those before it", () => {
    const read = readEventSchemas("schemas", EVENT_TYPES);
    assert.deepStrictEqual(Object.keys(read), [...EVENT_TYPES]);
  });

  it("have numbers without gaps, in the order of the numbers", () => {
    const files = Object.fromEntries(
      Array.from({ length: 11 }, (_, at) => [`${TYPE}/${at + 1}.json`, schema()]),
    );
    withSchemas(files, (folder) => {
      const versions = readEventSchemas(folder, [TYPE])[TYPE].map(({ version }) => version);
      assert.deepStrictEqual(versions, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    });
    assert.deepStrictEqual(
      faultsOf({ [`${TYPE}/1.json`]: schema(), [`${TYPE}/3.json`]: schema() }),
      [`${TYPE}/2.json is missing: versions have no gaps`],
    );
  });

  it("have a hash that depends neither on white space nor on the order of keys", () => {
    const { title, ...rest } = schema();
    const files = {
      [`${TYPE}/1.json`]: schema(),
      [`${TYPE}/2.json`]: JSON.stringify({ ...rest, title }, null, 4),
    };
    withSchemas(files, (folder) => {
      const [first, second] = readEventSchemas(folder, [TYPE])[TYPE];
      assert.strictEqual(first.hash, second.hash);
    });
  });

  const broken: [title: string, files: Record<string, Schema | string>, faults: string[]][] = [
    ["a type without a schema", {}, [`${TYPE}/1.json is missing: each event type needs a schema`]],
    [
      "a folder of no event type",
      { [`${TYPE}/1.json`]: schema(), "user.delete.v1/1.json": schema() },
      ["user.delete.v1: there is no such event type"],
    ],
    [
      "a file that is no version",
      { [`${TYPE}/1.json`]: schema(), [`${TYPE}/v2.json`]: schema() },
      [`${TYPE}/v2.json: must be the number of a version: 2.json`],
    ],
    [
      "another draft, another title, no object",
      { [`${TYPE}/1.json`]: { ...schema(), $schema: "x", title: "b", type: "string" } },
      [
        `${TYPE}/1.json: $schema must be "http://json-schema.org/draft-07/schema#"`,
        `${TYPE}/1.json: title must be "${TYPE}"`,
        `${TYPE}/1.json: type must be "object"`,
        `${TYPE}/1.json: properties is not used in schemas of events (docs/events.md)`,
        `${TYPE}/1.json: required is not used in schemas of events (docs/events.md)`,
      ],
    ],
    [
      "references, closed objects, and values without a type or description",
      {
        [`${TYPE}/1.json`]: {
          ...schema({ a: { $ref: "#/x" }, B: text(), c: { type: "string" } }, ["d"]),
          additionalProperties: false,
        },
      },
      [
        `${TYPE}/1.json: additionalProperties is not used in schemas of events (docs/events.md)`,
        `${TYPE}/1.json: required names d, which is no property`,
        `${TYPE}/1.json: the property B must be in camelCase`,
        `${TYPE}/1.json: /properties/a: type must be one of object, array, string, integer, number, boolean`,
        `${TYPE}/1.json: /properties/c: description is missing`,
      ],
    ],
    [
      "a version that breaks one before it",
      {
        [`${TYPE}/1.json`]: schema({ a: text() }, ["a"]),
        [`${TYPE}/2.json`]: schema({ a: text(), b: text() }, ["a"]),
        [`${TYPE}/3.json`]: schema({ a: text(), b: text({ type: "integer" }) }, ["a"]),
      },
      [
        `${TYPE}/3.json breaks version 2: /properties/b: type changes from "string" to "integer"`,
        `${TYPE}/3.json: a change that breaks needs an event type of its own`,
      ],
    ],
  ];
  for (const [title, files, faults] of broken) {
    it(`refuse ${title}`, () => assert.deepStrictEqual(faultsOf(files), faults));
  }

  it("refuse what is no JSON, with the file", () => {
    assert.match(
      faultsOf({ [`${TYPE}/1.json`]: "{" }).join(),
      new RegExp(`^${TYPE}/1.json: .*JSON`),
    );
  });
});

describe("a new version of a schema", () => {
  for (const { title, older, newer, allowed } of SCHEMA_CASES) {
    it(`may ${allowed ? "" : "not "}bring ${title}`, () => {
      assert.strictEqual(breaks(older, newer).length === 0, allowed, breaks(older, newer).join());
    });
  }
});
