import * as os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectionOptions } from "node:tls";

import { Client, type ClientConfig, DatabaseError } from "pg";

import type { RightsDesign } from "./rights";
import type { SessionState } from "./watchdog";

/** One database and the account that migrates it. */
export interface MigrationTarget {
  host: string;
  port: number;
  database: string;
  /** Login role, `<prefix>_migrator`. */
  user: string;
  password: string;
  /** Role that owns the database's objects and that `user` may become by SET ROLE. */
  owner: string;
  /** Extensions that the program creates, not migrations; they do not count as changes by hand. */
  extensions?: readonly string[];
  /** The rights of each role in the database; if given, rights are compared with it and restored. */
  rights?: RightsDesign;
  /** True verifies the server's certificate. @default false */
  ssl?: boolean | ConnectionOptions;
  /** How long the server may be silent before the connection counts as lost. @default 30000 */
  silenceLimitMs?: number;
}

/** As long as that of the provider. A busy machine keeps this process itself waiting for seconds, which count as well. */
const CONNECT_TIMEOUT_MS = 15_000;
/** Longest time for a look at another session. */
export const PROBE_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 2_000;
// RESET ALL returns to the startup options. With client_connection_check_interval, the server ends a statement whose
// runner was killed, instead of finishing it and holding its locks until then. Behind a cut network it notices that in
// 20 s, well before the next run gives up waiting for the lock.
const STARTUP_OPTIONS = [
  "-c search_path=pg_catalog,pg_temp",
  "-c client_connection_check_interval=2s",
  "-c tcp_keepalives_idle=5",
  "-c tcp_keepalives_interval=5",
  "-c tcp_keepalives_count=3",
  "-c tcp_user_timeout=20000",
].join(" ");

/** By which sessions of this process are told from others. PostgreSQL cuts longer names. */
export const APPLICATION_NAME = `learning-platform-migrator ${os.hostname()}:${process.pid}`.slice(
  0,
  63,
);

/** A client that is not connected yet. */
export function createClient(target: MigrationTarget, more: ClientConfig = {}): Client {
  const { host, port, database, user, password, ssl = false } = target;
  const client = new Client({
    host,
    port,
    database,
    user,
    password,
    ssl,
    application_name: APPLICATION_NAME,
    options: STARTUP_OPTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...more,
  });
  // A connection lost between two queries is reported only here; unhandled, the error would end the process.
  // The next query fails and reports the loss.
  client.on("error", () => undefined);
  return client;
}

/** Closes the connection; never throws and never waits long. */
export async function endClient(client: Client): Promise<void> {
  const timer = new AbortController();
  await Promise.race([
    client.end().catch(() => undefined),
    sleep(CLOSE_TIMEOUT_MS, undefined, { signal: timer.signal }).catch(() => undefined),
  ]);
  timer.abort();
  client.connection.stream.destroy();
}

/** Looks over a new connection whether the server still has the session. */
export async function probeSession(
  target: MigrationTarget,
  pid: number,
  withinMs: number,
): Promise<SessionState> {
  const client = createClient(target, {
    connectionTimeoutMillis: withinMs,
    query_timeout: withinMs,
  });
  try {
    await client.connect();
    const { rowCount } = await client.query(
      "select from pg_stat_activity where pid = $1 and usename = session_user",
      [pid],
    );
    await endClient(client);
    return rowCount === 1 ? "alive" : "gone";
  } catch (error) {
    // Any answer is a sign of life, even one that there are too many connections.
    return error instanceof DatabaseError ? "alive" : "unreachable";
  } finally {
    client.connection.stream.destroy();
  }
}
