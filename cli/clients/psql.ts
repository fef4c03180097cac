import type { AccessPoint } from "../../contract/outputs";
import type { Program } from "../machine/interactive";
import { inContainer } from "./in-container";

/** A login to one database. */
export interface DatabaseUser {
  host: string;
  port: number;
  database: string;
  username: string;
  password: string;
}

/**
 * psql as a user: that of the server's container, or that of this machine for a server elsewhere.
 * @param more arguments for psql itself
 * @param trustedFile file with the authorities to trust; undefined where the connection is not encrypted or the system's
 *   authorities are enough
 */
export function psqlProgram(
  { host, port, database, username, password }: DatabaseUser,
  { container }: Pick<AccessPoint, "container">,
  more: string[],
  { isEncrypted, trustedFile }: { isEncrypted: boolean; trustedFile?: string },
): Program {
  const secrets = { PGPASSWORD: password };
  if (container !== undefined) {
    // Over the network: pg_hba.conf lets only the superuser use the socket.
    const command = ["psql", "--host=127.0.0.1", ...login(database, username), ...more];
    return inContainer(container, command, secrets);
  }
  return {
    command: "psql",
    args: [`--host=${host}`, `--port=${port}`, ...login(database, username), ...more],
    env: { ...secrets, ...(isEncrypted ? encryption(trustedFile) : {}) },
  };
}

const login = (database: string, username: string) => [
  `--dbname=${database}`,
  `--username=${username}`,
  "--no-password",
];

/** psql 16 and later know the word `system`. */
const encryption = (trustedFile = "system") => ({
  PGSSLMODE: "verify-full",
  PGSSLROOTCERT: trustedFile,
});
