import type { ServiceConnections } from "../../contract/connections";
import { settingsOf, variableName } from "./settings";

/** Exports for `eval` or `source` in a POSIX shell: all settings as JSON in one variable, and each in one of its own. */
export function shellText(service: string, connections: ServiceConnections): string {
  const variables = [
    { path: [], value: JSON.stringify(connections) },
    ...settingsOf(connections),
  ].map(({ path, value }) => `export ${variableName(service, path)}=${shellQuoted(String(value))}`);
  return [...variables, ""].join("\n");
}

/** Text as one word of a POSIX shell, in which nothing has a meaning. */
export const shellQuoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
