/** The schemas of events: `schemas/<type>/<version>.json`, one file for each version that was ever released. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { EventSchemasError } from "./errors";
import { breaks } from "./evolution";
import { isRecord, type Schema, shapeFaults } from "./shape";

/** One version of the schema of an event type. */
export interface EventSchema {
  type: string;
  /** From 1. */
  version: number;
  /** Path from the root of the checkout. */
  file: string;
  schema: Schema;
  /** The schema as registries store it: JSON without white space, its keys in the file's order. */
  text: string;
  /** SHA-256 of the schema, whatever the order of its keys and its white space, 64 hex digits. */
  hash: string;
}

/** Versions by event type, the oldest first. */
export type EventSchemas = Readonly<Record<string, readonly EventSchema[]>>;

const FILE_NAME = /^([1-9]\d*)\.json$/;

/**
 * Reads all versions, and compares each with every one before it.
 * @param types every event type, each of which needs a schema
 * @throws EventSchemasError that lists every fault of every file
 */
export function readEventSchemas(directory: string, types: readonly string[]): EventSchemas {
  const faults: string[] = [];
  const folders = existsSync(directory) ? readdirSync(directory) : [];
  const strangers = folders.filter((name) => !types.includes(name) && !name.startsWith("."));
  faults.push(
    ...strangers.map((name) => `${path.join(directory, name)}: there is no such event type`),
  );
  const schemas = types.map((type) => [type, readVersions(directory, type, faults)] as const);
  if (faults.length > 0) {
    throw new EventSchemasError(directory, faults);
  }
  return Object.fromEntries(schemas);
}

function readVersions(directory: string, type: string, faults: string[]): EventSchema[] {
  const folder = path.join(directory, type);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name[0] !== ".") : [];
  const versions = names.flatMap((name) => {
    const [, number] = FILE_NAME.exec(name) ?? [];
    if (number === undefined) {
      faults.push(`${path.join(folder, name)}: must be the number of a version: 2.json`);
    }
    return number === undefined ? [] : [Number(number)];
  });
  versions.sort((a, b) => a - b);
  if (versions.length === 0) {
    faults.push(`${path.join(folder, "1.json")} is missing: each event type needs a schema`);
  }
  const gap = versions.findIndex((version, at) => version !== at + 1);
  if (gap >= 0) {
    faults.push(`${path.join(folder, `${gap + 1}.json`)} is missing: versions have no gaps`);
  }
  const read = versions.flatMap((version) => readVersion(folder, type, version, faults));
  faults.push(...read.flatMap((newer) => incompatible(read, newer)));
  return read;
}

function readVersion(
  folder: string,
  type: string,
  version: number,
  faults: string[],
): EventSchema[] {
  const file = path.join(folder, `${version}.json`);
  let schema: unknown;
  try {
    schema = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    faults.push(`${file}: ${(error as Error).message}`);
    return [];
  }
  const found = shapeFaults(schema, type);
  faults.push(...found.map((fault) => `${file}: ${fault}`));
  return found.length > 0
    ? []
    : [
        {
          ...{ type, version, file, schema: schema as Schema },
          text: JSON.stringify(schema),
          hash: schemaHash(schema),
        },
      ];
}

/** A later version may not break what an earlier one allows, however many are between them. */
function incompatible(all: readonly EventSchema[], newer: EventSchema): string[] {
  const found = all
    .filter(({ version }) => version < newer.version)
    .flatMap((older) =>
      breaks(older.schema, newer.schema).map(
        (fault) => `${newer.file} breaks version ${older.version}: ${fault}`,
      ),
    );
  return found.length > 0
    ? [...found, `${newer.file}: a change that breaks needs an event type of its own`]
    : [];
}

/** The same for schemas that differ in white space and the order of keys alone. */
export const schemaHash = (schema: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify(inOrder(schema)))
    .digest("hex");

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(inOrder);
  }
  return isRecord(value)
    ? Object.fromEntries(
        Object.keys(value)
          .sort()
          .map((key) => [key, inOrder(value[key])]),
      )
    : value;
}
