import type { ServiceConnections } from "../../contract/connections";
import { settingsOf } from "./settings";

/** A file for java.util.Properties: `platform.user-service.database.jdbcUrl=...`. */
export function propertiesText(service: string, connections: ServiceConnections): string {
  const lines = settingsOf(connections).map(
    ({ path, value }) =>
      `${["platform", service, ...path].join(".")}=${propertyValue(String(value))}`,
  );
  return [...lines, ""].join("\n");
}

const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * As java.util.Properties#load reads it: a backslash escapes, spaces at the start are dropped, and a stream is ISO 8859-1,
 * so that everything beyond ASCII is written as code units.
 */
const propertyValue = (value: string): string =>
  value
    .replaceAll("\\", "\\\\")
    .replace(/^ /, "\\ ")
    .replace(
      /[^\x20-\x7e]/g,
      (unit) => NAMED[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
