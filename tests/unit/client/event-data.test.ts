import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

import { format, resolveConfig } from "prettier";

import { EVENT_TYPES, SCHEMA_DIRECTORY } from "../../../catalog/topics";
import { EVENT_SCHEMAS } from "../../../client/src/schema/event-data";
import { readEventSchemas } from "../../../event-schemas";
import { eventDataModule } from "../../../tools/types/typescript/event-data";
import { ROOT } from "../support/program";

describe("The types of what events hold", () => {
  const schemas = readEventSchemas(path.join(ROOT, SCHEMA_DIRECTORY), EVENT_TYPES);

  it("are those of the newest schemas; `npm run types` updates them", async () => {
    const file = path.join(ROOT, "client/src/schema/event-data.ts");
    const options = await resolveConfig(file);
    const made = await format(eventDataModule(schemas), { ...options, parser: "typescript" });
    assert.strictEqual(readFileSync(file, "utf8"), made);
  });

  it("come with the newest schemas themselves", () => {
    for (const type of EVENT_TYPES) {
      assert.deepStrictEqual(EVENT_SCHEMAS[type], schemas[type].at(-1)!.schema);
    }
  });

  it("have lists, nested objects and unions", () => {
    const schema = {
      ...{ title: "user.deleted.v1", description: "A test.", type: "object" },
      properties: {
        kinds: {
          description: "Kinds.",
          type: "array",
          items: { type: "string", enum: ["A", "B"] },
        },
        place: {
          ...{ description: "Where.", type: "object", required: ["x"] },
          properties: { x: { description: "Left.", type: "integer" } },
        },
      },
      required: ["kinds"],
    };
    const all = { ...schemas, "user.deleted.v1": [{ ...schemas["user.deleted.v1"][0], schema }] };
    const text = eventDataModule(all).replaceAll(/\s+/g, " ");
    assert.ok(text.includes('/** Kinds. */ kinds: readonly ("A" | "B")[];'), text);
    assert.ok(text.includes("place?: { /** Left. */ x: number; };"), text);
  });
});
