import fs from "node:fs/promises";
import path from "node:path";

import { format, resolveConfig } from "prettier";

import { EVENT_TYPES, SCHEMA_DIRECTORY } from "../../catalog/topics";
import { readEventSchemas } from "../../event-schemas";
import { DATABASES } from "../../tests/sql/support/databases";
import { readSchema } from "../schema/read";
import { resolve } from "./dto-columns";
import { DTOS } from "./dtos";
import { dtoFiles } from "./kotlin/dtos";
import { entityFiles } from "./kotlin/entities";
import { eventFiles } from "./kotlin/events";
import { toModel } from "./model";
import { dtosModule } from "./typescript/dtos";
import { eventDataModule } from "./typescript/event-data";
import { eventsModule } from "./typescript/events";
import { tablesModule } from "./typescript/tables";

const CLIENT = path.resolve(__dirname, "../../client");
const SCHEMAS = path.resolve(__dirname, "../..", SCHEMA_DIRECTORY);
const TYPESCRIPT = path.join(CLIENT, "src/schema");
const KOTLIN = path.join(CLIENT, "kotlin/src/main/kotlin");

const MARK = "// Generated from ";

/** Generates all types, in a PostgreSQL that the caller has started: the text of each file by its path. */
export async function makeTypes(): Promise<Map<string, string>> {
  const databases = await Promise.all(
    DATABASES.map(async (name) => toModel(name, await readSchema(name))),
  );
  const dtos = DTOS.map((dto) => resolve(dto, databases));
  const typescript: [string, string][] = [
    ...databases.map((model): [string, string] => [`${model.database}.ts`, tablesModule(model)]),
    ["dtos.ts", dtosModule(dtos, databases)],
    ["events.ts", eventsModule()],
    ["event-data.ts", eventDataModule(readEventSchemas(SCHEMAS, EVENT_TYPES))],
  ];
  const kotlin = [...databases.flatMap(entityFiles), ...dtoFiles(dtos, databases), ...eventFiles()];
  return new Map([
    ...(await Promise.all(typescript.map(formatted))),
    ...kotlin.map(([name, text]): [string, string] => [path.join(KOTLIN, name), text]),
  ]);
}

async function formatted([name, text]: [string, string]): Promise<[string, string]> {
  const file = path.join(TYPESCRIPT, name);
  const options = await resolveConfig(file);
  return [file, await format(text, { ...options, parser: "typescript" })];
}

/** The generated files that there are, among them those of tables that are gone: text by path. */
export async function presentTypes(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of [TYPESCRIPT, KOTLIN]) {
    for (const entry of await fs.readdir(folder, { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name);
      const text = entry.isFile() ? await fs.readFile(file, "utf8") : "";
      if (text.startsWith(MARK)) {
        found.set(file, text);
      }
    }
  }
  return found;
}
