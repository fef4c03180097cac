/** Reads what a service connects with from its environment. */
import { readFileSync, statSync } from "node:fs";

import type { z } from "zod";

import { type ServiceConnections, serviceConnectionsSchema } from "./connections";

/** Settings that the service's operator must give, or give otherwise; the message says how. Has no secret in it. */
export class SettingsError extends Error {
  public override readonly name = "SettingsError";
}

/** What `npm run env` writes in place of a secret, unless it is told otherwise. */
const MASK = "********";

type Environment = Readonly<Record<string, string | undefined>>;

/** Name of the variable: `PLATFORM_USER_SERVICE`. With `_FILE` after it, the variable names a file instead. */
export const variableOf = (service: string): string =>
  `PLATFORM_${service.toUpperCase().replaceAll("-", "_")}`;

/**
 * Reads the settings of a service: the JSON in `PLATFORM_<SERVICE>`, or in the file that `PLATFORM_<SERVICE>_FILE` names.
 * @param service its name on the platform: `user-service`
 * @throws SettingsError if there are none, or they are not complete
 */
export function readSettings(
  service: string,
  environment: Environment = process.env,
): ServiceConnections {
  const variable = variableOf(service);
  const file = environment[`${variable}_FILE`];
  const json = environment[variable] ?? (file === undefined ? undefined : readPrivate(file));
  if (json === undefined) {
    throw new SettingsError(
      `Neither ${variable} nor ${variable}_FILE is set. ${howToWrite(service)}`,
    );
  }
  const source = environment[variable] === undefined ? file! : variable;
  return parse(service, source, json);
}

/** @throws SettingsError if anyone but the owner may read the file: it holds passwords */
function readPrivate(file: string): string {
  try {
    const mode = statSync(file).mode & 0o777;
    // Windows has no such modes: there every file seems to be everybody's.
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw new SettingsError(
        `Others may read ${file}, which holds passwords: its mode is 0${mode.toString(8)}. ` +
          `Run: chmod 600 ${file}`,
      );
    }
    return readFileSync(file, "utf8");
  } catch (error) {
    throw error instanceof SettingsError
      ? error
      : new SettingsError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function parse(service: string, source: string, json: string): ServiceConnections {
  let input: unknown;
  try {
    input = JSON.parse(json);
  } catch {
    // The parser's own message quotes the text, and so perhaps a password.
    throw new SettingsError(`${source} is not JSON. ${howToWrite(service)}`);
  }
  const { success, data, error } = serviceConnectionsSchema.safeParse(input);
  if (!success) {
    const lines = error.issues.map((issue) => `- ${describe(issue)}`);
    throw new SettingsError(
      `${source} is not what this client reads:\n${lines.join("\n")}\n${howToWrite(service)}`,
    );
  }
  if (data.database.password === MASK) {
    throw new SettingsError(`${source} has masked passwords. ${howToWrite(service)}`);
  }
  return data;
}

/** zod's messages say what was expected and of which type the input is, and never its value. */
const describe = ({ path, message }: z.core.$ZodIssue): string =>
  `${path.join(".") || "the value"}: ${message}`;

const howToWrite = (service: string): string =>
  `Write it in the platform's checkout: npm run env -- ${service} --show-secrets`;
