/**
 * pg_dump and pg_restore, of the same major version as the server: those of the stack's own container, and for a server
 * elsewhere those of a throw-away container of the stack's image.
 */
import type { PostgresAdministrator } from "../../../components/postgres/postgres-client";
import { inContainer } from "../../clients/in-container";
import type { DatabaseUser } from "../../clients/psql";
import type { Program } from "../../machine/interactive";

/** Where the tools run. */
export interface ToolPlace {
  /** Container of the server; absent where the stack does not run it. */
  container?: string;
  /** Image with the tools. */
  image: string;
  /** File of the authorities to trust; absent where the connection is not encrypted, or the system's are enough. */
  trustedFile?: string;
  isEncrypted: boolean;
}

const MOUNTED = "/etc/platform-ca.crt";

/** A tool as a user of one database. No command line holds the password. */
export function toolProgram(
  place: ToolPlace,
  [tool, ...more]: string[],
  { host, port, database, username, password }: DatabaseUser,
): Program {
  const secrets = { PGPASSWORD: password };
  const login = [`--dbname=${database}`, `--username=${username}`, "--no-password"];
  if (place.container !== undefined) {
    // Over the network, as psql (cli/clients/psql.ts).
    const command = [tool, "--host=127.0.0.1", ...login, ...more];
    return inContainer(place.container, command, secrets, false);
  }
  const { trustedFile, isEncrypted, image } = place;
  const settings: Record<string, string> = {
    ...secrets,
    ...(isEncrypted
      ? { PGSSLMODE: "verify-full", PGSSLROOTCERT: trustedFile === undefined ? "system" : MOUNTED }
      : {}),
  };
  return {
    command: "docker",
    args: [
      ...["run", "--rm", "--interactive", "--network=host"],
      ...(trustedFile === undefined ? [] : [`--volume=${trustedFile}:${MOUNTED}:ro`]),
      ...Object.keys(settings).flatMap((name) => ["--env", name]),
      ...[image, tool, `--host=${host}`, `--port=${port}`, ...login, ...more],
    ],
    env: settings,
  };
}

/** The administrator as a user of one database. */
export const administratorOf = (
  { host, port, adminUsername: username, adminPassword: password }: PostgresAdministrator,
  database: string,
): DatabaseUser => ({ host, port, database, username, password });
