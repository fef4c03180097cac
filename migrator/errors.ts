import type { Place } from "./position";

/** The files applied before a run stopped, so that a caller can keep partial state. */
export interface Progress {
  /** Names of the versioned files this run applied and recorded, in order. */
  applied: string[];
  /** Names of the repeatable files this run applied and recorded, in order. */
  repeated: string[];
}

/**
 * Base of every error of the migration runner. Messages and fields never hold the password or a
 * connection URL. None has a `cause`: the driver's own error repeats the server's unscrubbed text, and printing an
 * error prints its cause.
 */
export class MigrationError extends Error {
  applied: string[] = [];
  repeated: string[] = [];

  override get name(): string {
    return this.constructor.name;
  }

  /** Adds the files that the run applied before it failed. */
  after(progress: Progress): this {
    this.applied = [...progress.applied];
    this.repeated = [...progress.repeated];
    return this;
  }
}

/** One problem of one file: what was found and what to do. */
export interface Fault {
  /** Path as a reader can open it, or the file's name if only the ledger knows it. */
  file: string;
  /** From 1. */
  line?: number;
  /** From 1, in characters. */
  column?: number;
  message: string;
}

/** `path:line:column  message`. */
export function formatFault(fault: Fault): string {
  const place = [fault.file, fault.line, fault.column].filter((part) => part !== undefined);
  return `${place.join(":")}  ${fault.message}`;
}

class FaultListError extends MigrationError {
  constructor(
    headline: string,
    readonly faults: readonly Fault[],
  ) {
    super([headline, ...faults.map((fault) => `  ${formatFault(fault)}`)].join("\n"));
  }
}

/** Faults of the files themselves; no database was connected to. */
export class MigrationFilesError extends FaultListError {}

/** Files and ledger contradict each other; no file ran. */
export class MigrationPlanError extends FaultListError {}

/** The session that holds a database's migration lock. */
export interface LockHolder {
  pid: number;
  applicationName: string;
  /** When the holder connected, ISO 8601; absent if the server hides it from this user. */
  since?: string;
}

/** Another run held the lock for longer than this one may wait; no file ran. */
export class MigrationLockError extends MigrationError {
  constructor(
    message: string,
    readonly holder: LockHolder | undefined,
  ) {
    super(message);
  }
}

/** The server could not be reached, refused the login, or the connection was lost. */
export class MigrationConnectionError extends MigrationError {
  constructor(
    message: string,
    /** SQLSTATE, or the operating system's code such as ECONNREFUSED. */
    readonly code: string | undefined,
  ) {
    super(message);
  }
}

/** The login may not act as the owner, as after its membership was revoked; nothing was read or run. */
export class MigrationRoleError extends MigrationError {}

/** Files ran, but some rights differ from the design and the owner cannot fix them. */
export class MigrationRightsError extends MigrationError {}

/** The caller's signal ended the run before its next file. */
export class MigrationStoppedError extends MigrationError {}

/** The server's message about a statement. */
export interface ServerMessage {
  sqlState: string;
  message: string;
  detail?: string;
  hint?: string;
  /** The server's context: the functions that were running. */
  where?: string;
}

/** A place in a file, and the lines that show it. */
export interface StatementPlace extends Place {
  /** The line and a caret under the column; empty if the line holds the password. */
  snippet: readonly string[];
}

/** A statement of a file failed; its transaction was rolled back. */
export class MigrationStatementError extends MigrationError {
  constructor(
    readonly file: string,
    /** Absent if the failure has no place in the file, as at commit. */
    readonly place: StatementPlace | undefined,
    readonly server: ServerMessage,
    /** The runner's own addition: what was left behind, or the next step. */
    readonly advice?: string,
  ) {
    const at = place === undefined ? file : `${file}:${place.line}:${place.column}`;
    const lines = [
      `${at}  ${server.sqlState}  ${server.message}`,
      ...(place?.snippet ?? []).map((line) => `  ${line}`),
    ];
    for (const [label, text] of [
      ["detail", server.detail],
      ["hint", server.hint],
      ["where", server.where],
    ] as const) {
      if (text !== undefined) {
        lines.push(`  ${label}: ${text}`);
      }
    }
    if (advice !== undefined) {
      lines.push(`  ${advice}`);
    }
    super(lines.join("\n"));
  }
}
