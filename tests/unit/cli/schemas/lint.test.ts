import assert from "node:assert/strict";

import { lintSchemas } from "../../../../cli/schemas/lint";
import { eventSchema, withSchemas } from "../../support/schema-files";

const TYPE = "user.deleted.v1";
const id = { description: "The user.", type: "string", format: "uuid" };
const lint = (files: Parameters<typeof withSchemas>[0]) =>
  withSchemas(files, (folder) => {
    const { lines, failed } = lintSchemas(folder, [TYPE]);
    return { failed, lines: lines.map((line) => line.replaceAll(folder, "schemas")) };
  });

describe("the lint of event schemas", () => {
  it("finds nothing in those of the platform", () => {
    assert.deepStrictEqual(lintSchemas(), {
      lines: ["19 event schemas linted: no findings"],
      failed: false,
    });
  });

  it("names a version that breaks one before it", () => {
    const found = lint({
      [`${TYPE}/1.json`]: eventSchema(TYPE, { id }, ["id"]),
      [`${TYPE}/2.json`]: eventSchema(TYPE, { id }),
    });
    assert.deepStrictEqual(found, {
      failed: true,
      lines: [
        [
          "Event schemas in schemas cannot be used:",
          `schemas/${TYPE}/2.json breaks version 1: id is no longer required, and readers rely on it`,
          `schemas/${TYPE}/2.json: a change that breaks needs an event type of its own`,
        ].join("\n  "),
      ],
    });
  });

  it("names what a validator cannot use, and examples that do not fit", () => {
    const found = lint({
      [`${TYPE}/1.json`]: eventSchema(TYPE, { id: { ...id, format: "guid" } }),
      [`${TYPE}/2.json`]: eventSchema(TYPE, { id: { ...id, format: "guid" } }),
    });
    assert.strictEqual(found.failed, true);
    assert.match(found.lines[0], /1\.json: unknown format "guid"/);
    const example = { ...eventSchema(TYPE, { id }, ["id"]), examples: [{ id: "1" }, {}] };
    assert.deepStrictEqual(lint({ [`${TYPE}/1.json`]: example }).lines, [
      `schemas/${TYPE}/1.json: example 1: data/id must match format "uuid"`,
      `schemas/${TYPE}/1.json: example 2: data must have required property 'id'`,
      "1 event schemas linted: 2 findings",
    ]);
  });
});
