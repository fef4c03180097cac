import type { ServiceConnections } from "../../contract/connections";
import { FaultError } from "../fault";
import { settingsOf, variableName } from "./settings";

/**
 * An env file: all settings as JSON in one variable, and each setting in one of its own. Readers of such files differ:
 * `docker run --env-file` takes a line as it is, quotes included; dotenv and `node --env-file` end an unquoted value at
 * a #, unquote, and turn \n into a line break between double quotes only; Docker Compose replaces a $. So values stand
 * without quotes wherever that is possible, and the JSON always does.
 */
export function dotenvText(service: string, connections: ServiceConnections): string {
  const lines = settingsOf(connections).map(({ path, value }) => {
    const name = variableName(service, path);
    return `${name}=${dotenvValue(name, String(value))}`;
  });
  return [`${variableName(service)}=${inertJson(connections)}`, ...lines, ""].join("\n");
}

/** JSON without the characters that some reader gives a meaning to: they only occur in its strings. */
const inertJson = (value: object): string =>
  JSON.stringify(value).replace(
    /[#$'`]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** @throws FaultError where no quotes let all readers read the value */
function dotenvValue(name: string, value: string): string {
  if (/^[^\s#$'"`\\]*$/.test(value)) {
    return value;
  }
  // On one line, because Docker refuses a file with other lines.
  if (value.includes("\n") && !/["\\$\r]/.test(value)) {
    return `"${value.replaceAll("\n", "\\n")}"`;
  }
  const quote = ["'", '"', "`"].find(
    (mark) => !value.includes(mark) && !(mark === '"' && /[\\$]/.test(value)),
  );
  if (quote === undefined) {
    throw new FaultError([
      `An env file cannot hold the value of ${name}, which has every kind of quotes. Use --format json or shell.`,
    ]);
  }
  return `${quote}${value}${quote}`;
}
