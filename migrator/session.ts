import { type Client, DatabaseError, escapeIdentifier } from "pg";

import {
  createClient,
  endClient,
  type MigrationTarget,
  PROBE_TIMEOUT_MS,
  probeSession,
} from "./connection";
import {
  MigrationConnectionError,
  MigrationError,
  MigrationRoleError,
  ServerMessage,
  type StatementPlace,
} from "./errors";
import { Watchdog } from "./watchdog";

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

const SILENCE_LIMIT_MS = 30_000;
// The server ended the connection: it shut down, crashed, was asked to, or waited too long.
const CONNECTION_STATES = /^(08|57P|25P03)/;

/** One connection whose failures all become errors of this library, without secrets. */
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
      () => probeSession(target, this.serverPid, Math.min(limitMs, PROBE_TIMEOUT_MS)),
      // The waiting query fails with this error.
      (reason) => client.connection.stream.destroy(new Error(reason)),
    );
    client.on("notice", ({ severity, message }) => {
      this.onNotice({ severity: severity ?? "NOTICE", message: this.scrub(message ?? "") });
    });
    client.connection.on("commandComplete", () => (this.completed += 1));
    client.connection.on("backendKeyData", ({ processID }) => (this.serverPid = processID));
    client.connection.on("message", () => this.watchdog.noteMessage());
  }

  /** @throws MigrationConnectionError; with the SQLSTATE 3D000 if the database does not exist. */
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
   * @throws ServerFailure if the server refuses it, MigrationConnectionError if there is no answer.
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
   * Acts as the owner from now on, and resets everything that files have set, prepared or left open.
   * @throws MigrationRoleError if the login may not act as the owner
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
          `${user} cannot act as ${owner} in ${database}: ${reason}. Check that ${owner} exists and that ${user} is a member of it.`,
        );
      }
      throw error;
    }
  }

  /** Restores the owner's role and a safe search path after a file, for the runner's own statements. */
  async resumeOwner(): Promise<void> {
    await this.query(
      `set role ${escapeIdentifier(this.target.owner)}; set search_path = pg_catalog, pg_temp`,
    );
  }

  /** Never throws and never waits long, whatever the state of the connection is. */
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

  /** Replaces the password, which a file, a function or a proxy may quote. */
  private scrub(text: string): string {
    const { password } = this.target;
    return [password, encodeURIComponent(password)]
      .filter((secret) => secret !== "")
      .reduce((clean, secret) => clean.replaceAll(secret, "***"), text);
  }
}
