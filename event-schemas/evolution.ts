/**
 * What may change from one version of a schema to the next. Services are deployed one after another, and topics keep
 * events for up to a year: a reader of the old version meets new events, and one of the new version meets old events.
 */
import { isDeepStrictEqual } from "node:util";

import { ANNOTATIONS, isRecord, type Schema } from "./shape";

/** What would break a reader of the other version, each a sentence; none where all goes on to work. */
export function breaks(older: Schema, newer: Schema, at = ""): string[] {
  const place = at === "" ? "" : `${at}: `;
  const keys = [...new Set([...Object.keys(older), ...Object.keys(newer)])];
  return keys.flatMap((key) => {
    if ((ANNOTATIONS as readonly string[]).includes(key)) {
      return [];
    }
    const [before, after] = [older[key], newer[key]];
    if (key === "properties") {
      return propertyBreaks(recordOf(before), recordOf(after), requiredOf(newer), at);
    }
    if (key === "items" && isRecord(before) && isRecord(after)) {
      return breaks(before, after, `${at}/items`);
    }
    if (key === "required") {
      return requiredBreaks(older, newer, place);
    }
    return isDeepStrictEqual(before, after)
      ? []
      : [`${place}${key} changes from ${text(before)} to ${text(after)}`];
  });
}

function propertyBreaks(
  before: Readonly<Record<string, Schema>>,
  after: Readonly<Record<string, Schema>>,
  required: readonly string[],
  at: string,
): string[] {
  const place = at === "" ? "" : `${at}: `;
  return [
    ...Object.keys(before).flatMap((name) =>
      Object.hasOwn(after, name)
        ? breaks(before[name], after[name], `${at}/properties/${name}`)
        : [`${place}${name} is gone, and another type could take its name later`],
    ),
    ...Object.keys(after)
      .filter((name) => !Object.hasOwn(before, name) && required.includes(name))
      .map((name) => `${place}${name} is new and required, and events without it are stored`),
  ];
}

/** Whether a property that both versions have is still required, or still is not. */
function requiredBreaks(older: Schema, newer: Schema, place: string): string[] {
  const [before, after] = [requiredOf(older), requiredOf(newer)];
  const known = Object.keys(recordOf(older.properties));
  return [
    ...before
      .filter((name) => !after.includes(name))
      .map((name) => `${place}${name} is no longer required, and readers rely on it`),
    ...after
      .filter((name) => !before.includes(name) && known.includes(name))
      .map((name) => `${place}${name} becomes required, and events without it are stored`),
  ];
}

const recordOf = (value: unknown) => (isRecord(value) ? value : {}) as Record<string, Schema>;

const requiredOf = ({ required }: Schema): string[] =>
  Array.isArray(required) ? required.map(String) : [];

const text = (value: unknown) => (value === undefined ? "nothing" : JSON.stringify(value));
