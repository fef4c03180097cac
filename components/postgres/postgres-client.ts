/** Connections to a PostgreSQL server. */
import { Client, type ClientConfig, escapeIdentifier } from "pg";

import { clientTls } from "../platform/client-tls";

export interface PostgresAdministrator {
  host: string;
  port: number;
  adminUsername: string;
  adminPassword: string;
  /** PEM of the authorities to trust; absent if the connection is not encrypted. */
  trusted?: string;
}

/** On a busy machine, a process that starts many connections at once waits for its own turn that long. */
const CONNECT_TIMEOUT_MS = 15_000;

/**
 * Acts on a server as its administrator, over a connection of its own.
 * @throws what `connected` throws
 */
export const asAdministrator = <T>(
  { host, port, adminUsername, adminPassword, trusted }: PostgresAdministrator,
  act: (client: Client) => Promise<T>,
  database = "postgres",
): Promise<T> =>
  connected(
    {
      host,
      port,
      user: adminUsername,
      password: adminPassword,
      database,
      ssl: clientTls(trusted),
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    },
    act,
  );

/** Takes all rights on a database from a role, which keeps those on what is in it. */
export const revokeDatabase = (
  server: PostgresAdministrator,
  { database, role }: { database: string; role: string },
): Promise<unknown> =>
  asAdministrator(server, (client) =>
    client.query(
      `revoke all on database ${escapeIdentifier(database)} from ${escapeIdentifier(role)}`,
    ),
  );

/**
 * Acts on a server over a connection of its own.
 * @throws DatabaseError of pg if the server refuses the login or a statement, and Node's errors if it does not answer
 */
export async function connected<T>(
  config: ClientConfig,
  act: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client(config);
  client.on("error", () => undefined); // The query that it interrupts reports it.
  try {
    await client.connect();
    return await act(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
