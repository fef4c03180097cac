import * as os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectionOptions } from "node:tls";

import { Client, type ClientConfig, DatabaseError, escapeIdentifier } from "pg";

import {
  MigrationConnectionError,
  MigrationError,
  MigrationRoleError,
  ServerMessage,
  type StatementPlace,
} from "./errors";
import type { RightsDesign } from "./rights";
import { type Sign, Watchdog } from "./watchdog";

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
  /** Extensions that are made by somebody else than migrations, so that they are no change by hand. */
  extensions?: readonly string[];
  /** Who may do what in the database; where it is given, rights are compared with it and restored. */
  rights?: RightsDesign;
  /** True verifies the server's certificate. @default false */
  ssl?: boolean | ConnectionOptions;
  /** How long the server may give no sign of life before the connection counts as lost. @default 30000 */
  silenceLimitMs?: number;
}

/** The server refused a statement of the runner or of a file. */
export class ServerFailure extends MigrationError {
  /** Where in its file; set by the code that knows the file. */
  place?: StatementPlace;

  constructor(
    readonly server: ServerMessage,
    /** The server's position in the text that was sent, in characters from 1. */
    readonly position: number | undefined,
    /** How many statements of the text had been completed before. */
    readonly completed: number,
  ) {
    super([`${server.sqlState}  ${server.message}`, server.detail, server.hint].join("\n").trim());
  }
}

export interface Notice {
  severity: string;
  message: string;
}

const CONNECT_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 2_000;
const SILENCE_LIMIT_MS = 30_000;
// The server ended the connection: it shut down, crashed, was told to, or waited too long for us.
const CONNECTION_STATES = /^(08|57P|25P03)/;
// Startup options are what RESET ALL returns to. The client check makes the server end a statement
// whose runner was killed, instead of finishing it and holding its locks until then. Behind a cut
// network it learns of that in 20 s, well before the next run has waited for the lock long enough.
const STARTUP_OPTIONS = [
  "-c search_path=pg_catalog,pg_temp",
  "-c client_connection_check_interval=2s",
  "-c tcp_keepalives_idle=5",
  "-c tcp_keepalives_interval=5",
  "-c tcp_keepalives_count=3",
  "-c tcp_user_timeout=20000",
].join(" ");

/** One connection that turns every failure into an error of this library, without secrets. */
export class Session {
  onNotice: (notice: Notice) => void = () => undefined;
  private readonly client: Client;
  private readonly watchdog: Watchdog;
  private completed = 0;
  private serverPid = 0;

  private constructor(readonly target: MigrationTarget) {
    this.client = createClient(target);
    const { client } = this;
    const limitMs = target.silenceLimitMs ?? SILENCE_LIMIT_MS;
    this.watchdog = new Watchdog(
      limitMs,
      () => askForSession(target, this.serverPid, Math.min(limitMs, CONNECT_TIMEOUT_MS)),
      // The query that waits for an answer fails with this.
      (reason) => client.connection.stream.destroy(new Error(reason)),
    );
    client.on("notice", ({ severity, message }) => {
      this.onNotice({ severity: severity ?? "NOTICE", message: this.scrub(message ?? "") });
    });
    client.connection.on("commandComplete", () => (this.completed += 1));
    client.connection.on("backendKeyData", ({ processID }) => (this.serverPid = processID));
    client.connection.on("message", () => this.watchdog.heard());
  }

  /** @throws MigrationConnectionError, with the SQLSTATE 3D000 where the database does not exist. */
  static async open(target: MigrationTarget): Promise<Session> {
    const session = new Session(target);
    try {
      await session.client.connect();
      return session;
    } catch (error) {
      await session.close();
      throw session.connectionError("cannot connect to", error);
    }
  }

  /**
   * Runs a text. With `values` it is one statement, without it may be many.
   * @throws ServerFailure when the server refuses it, MigrationConnectionError when there is no answer.
   */
  async query<Row extends object>(text: string, values?: unknown[]): Promise<Row[]> {
    this.completed = 0;
    try {
      const { rows } = await this.watchdog.whileWaiting(this.client.query<Row>(text, values));
      return rows;
    } catch (error) {
      if (!(error instanceof DatabaseError) || CONNECTION_STATES.test(error.code ?? "")) {
        throw this.connectionError("lost the connection to", error);
      }
      const position = error.position === undefined ? undefined : Number(error.position);
      throw new ServerFailure(this.serverMessage(error), position, this.completed);
    }
  }

  /**
   * Acts as the owner from here on, and forgets what files have set, prepared or left open.
   * @throws MigrationRoleError where the login may not
   */
  async becomeOwner(): Promise<void> {
    const { owner, user, database } = this.target;
    await this.query(
      "reset session authorization; reset all; close all; deallocate all; unlisten *; discard temp; discard sequences",
    );
    try {
      await this.query(`set role ${escapeIdentifier(owner)}`);
    } catch (error) {
      if (error instanceof ServerFailure) {
        const reason = `${error.server.sqlState}  ${error.server.message}`;
        throw new MigrationRoleError(
          `${user} cannot act as ${owner} in ${database}: ${reason}. The owner must exist and ${user} be a member of it.`,
        );
      }
      throw error;
    }
  }

  /** The owner's role and a safe search path again for the runner's own statements after a file's. */
  async resumeOwner(): Promise<void> {
    await this.query(
      `set role ${escapeIdentifier(this.target.owner)}; set search_path = pg_catalog, pg_temp`,
    );
  }

  /** Never throws and never waits long, whatever state the connection is in. */
  async close(): Promise<void> {
    this.watchdog.stop();
    await endClient(this.client);
  }

  /** Whether a text may not be shown because it contains the password. */
  holdsPassword(text: string): boolean {
    return this.scrub(text) !== text;
  }

  private serverMessage(error: DatabaseError): ServerMessage {
    const text = (value: string | undefined) =>
      value === undefined ? undefined : this.scrub(value);
    return {
      sqlState: error.code ?? "XX000",
      message: this.scrub(error.message),
      detail: text(error.detail),
      hint: text(error.hint),
      where: text(error.where),
    };
  }

  private connectionError(what: string, error: unknown): MigrationConnectionError {
    const { host, port, database, user } = this.target;
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = this.scrub([code, message].filter(Boolean).join("  "));
    return new MigrationConnectionError(
      `${what} database ${database} at ${host}:${port} as ${user}: ${reason}`,
      code,
    );
  }

  /** A file, a function or a proxy may quote the password back at us. */
  private scrub(text: string): string {
    const { password } = this.target;
    return [password, encodeURIComponent(password)]
      .filter((secret) => secret !== "")
      .reduce((clean, secret) => clean.replaceAll(secret, "***"), text);
  }
}

function createClient(target: MigrationTarget, more: ClientConfig = {}): Client {
  const { host, port, database, user, password, ssl = false } = target;
  const client = new Client({
    host,
    port,
    database,
    user,
    password,
    ssl,
    application_name: `learning-platform-migrator ${os.hostname()}:${process.pid}`.slice(0, 63),
    options: STARTUP_OPTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...more,
  });
  // A connection lost between two queries shows only here; unhandled, it would end the process.
  // The next query fails and reports it.
  client.on("error", () => undefined);
  return client;
}

async function endClient(client: Client): Promise<void> {
  const timer = new AbortController();
  await Promise.race([
    client.end().catch(() => undefined),
    sleep(CLOSE_TIMEOUT_MS, undefined, { signal: timer.signal }).catch(() => undefined),
  ]);
  timer.abort();
  client.connection.stream.destroy();
}

/** Whether the server still has the session, asked over a connection of its own. */
async function askForSession(
  target: MigrationTarget,
  pid: number,
  withinMs: number,
): Promise<Sign> {
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
    return rowCount === 1 ? "there" : "gone";
  } catch (error) {
    // Any word is a sign of life, as that there are too many connections for one more.
    return error instanceof DatabaseError ? "there" : "no answer";
  } finally {
    client.connection.stream.destroy();
  }
}
