import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { Schema } from "../../../event-schemas";

/** A schema of an event type that events may have. */
export const eventSchema = (type: string, properties: Schema, required: string[] = []): Schema => ({
  $schema: "http://json-schema.org/draft-07/schema#",
  ...{ title: type, description: "A test.", type: "object", properties, required },
});

/** Acts on a folder with these files, by their paths in it. */
export function withSchemas<T>(
  files: Record<string, Schema | string>,
  act: (folder: string) => T,
): T {
  const folder = mkdtempSync(path.join(tmpdir(), "schemas-"));
  try {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    }
    return act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
