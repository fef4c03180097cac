import type { Place } from "./position";

/** What had been applied when a run stopped, so that a caller can keep partial state. */
export interface Progress {
  /** Names of the versioned files this run applied and recorded, in order. */
  applied: string[];
  /** Names of the repeatable files this run applied and recorded, in order. */
  repeated: string[];
}

/**
 * Base of every error of the migration runner. Messages and fields never hold the password or a
 * connection URL. None carries a `cause`: the driver's own error repeats the server's unscrubbed text,
 * and whatever prints an error prints its cause.
 */
export class MigrationError extends Error {
  applied: string[] = [];
  repeated: string[] = [];

  override get name(): string {
    return this.constructor.name;
  }

  /** Notes what the run had done before it failed. */
  after(progress: Progress): this {
    this.applied = [...progress.applied];
    this.repeated = [...progress.repeated];
    return this;
  }
}

/** One thing wrong with one file: what was found and what to do. */
export interface Fault {
  /** Path as a reader can open it, or the file's name where only the ledger knows it. */
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

/** Faults that the files alone tell; nothing was connected to. */
export class MigrationFilesError extends FaultListError {}

/** Files and ledger contradict each other; nothing was run. */
export class MigrationPlanError extends FaultListError {}

/** Who holds a database's migration lock. */
export interface LockHolder {
  pid: number;
  applicationName: string;
  /** When the holder connected, ISO 8601; absent where the server hides it from this user. */
  since?: string;
}

/** Another run kept the lock for longer than this one was told to wait; nothing was run. */
export class MigrationLockError extends MigrationError {
  constructor(
    message: string,
    readonly holder: LockHolder | undefined,
  ) {
    super(message);
  }
}

/** The server could not be reached, refused the login, or the connection was lost on the way. */
export class MigrationConnectionError extends MigrationError {
  constructor(
    message: string,
    /** SQLSTATE, or the operating system's code such as ECONNREFUSED. */
    readonly code: string | undefined,
  ) {
    super(message);
  }
}

/** The login may not act as the owner, as when somebody took its membership; nothing was read or run. */
export class MigrationRoleError extends MigrationError {}

/** Files ran, and rights are not as designed after it, which the owner cannot put right. */
export class MigrationRightsError extends MigrationError {}

/** The caller's signal ended the run between two files. */
export class MigrationStoppedError extends MigrationError {}

/** What the server said about a statement. */
export interface ServerMessage {
  sqlState: string;
  message: string;
  detail?: string;
  hint?: string;
  /** The server's context: the functions that it was in. */
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
    /** What the runner adds: what was left behind, or how to go on. */
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
