import { setTimeout as sleep } from "node:timers/promises";

import {
  LockHolder,
  MigrationConnectionError,
  MigrationError,
  MigrationStatementError,
  MigrationStoppedError,
  Progress,
} from "./errors";
import { MigrationFile } from "./files";
import { waitsWithoutBlocking } from "./grammar";
import * as ledger from "./ledger";
import { holdsLock } from "./lock";
import { describeRecovery } from "./plan";
import { indexOfPosition, lineAndColumn, lineAt, snippetLines } from "./position";
import { ServerFailure, Session } from "./session";

/** An event of a run, for a progress line. */
export type MigrationEvent =
  | { kind: "waiting"; holder: LockHolder | undefined }
  | { kind: "started"; file: string; index: number; total: number }
  | { kind: "retrying"; file: string; sqlState: string; attempt: number; delayMs: number }
  | { kind: "notice"; file: string; severity: string; message: string }
  | { kind: "finished"; file: string; index: number; total: number; durationMs: number };

/** Limits of one file's run, in milliseconds. */
export interface ApplyLimits {
  /**
   * How long a statement waits for a lock before its transaction is rolled back and tried again.
   * Readers queue behind the waiting statement for the same time. @default 500
   */
  lockTimeoutMs: number;
  /** How long lock timeouts and deadlocks of one file are retried. @default 120000 */
  retryForMs: number;
  /** Longest duration of one statement; 0 is unlimited. @default 600000 */
  statementTimeoutMs: number;
}

const RETRIED = new Set(["55P03", "40P01"]);
const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5_000;
const IDLE_LIMIT_MS = 60_000;
// Outside of a transaction, these take effect in full, not at all, or leave an object that readLeftovers() finds.
// CALL and DO may have committed any part of their work.
const TRACEABLE = /^(create (unique )?index|drop index|reindex|vacuum|alter table) /;

/** Applies files one by one, each recorded with its effect. */
export class Applier {
  constructor(
    private readonly session: Session,
    private readonly limits: ApplyLimits,
    private readonly emit: (event: MigrationEvent) => void,
    private readonly progress: Progress,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** @throws MigrationError that lists the files applied before. */
  async applyAll(files: MigrationFile[]): Promise<void> {
    const total = files.length;
    for (const [offset, file] of files.entries()) {
      this.stopIfAborted(file);
      const at = { file: file.name, index: offset + 1, total };
      this.emit({ kind: "started", ...at });
      this.session.onNotice = (notice) => this.emit({ kind: "notice", file: file.name, ...notice });
      const durationMs = file.transactional
        ? await this.applyWithRetry(file)
        : await this.applyAlone(file);
      (file.version === undefined ? this.progress.repeated : this.progress.applied).push(file.name);
      this.session.onNotice = () => undefined;
      await this.session.becomeOwner();
      this.emit({ kind: "finished", ...at, durationMs: Math.round(durationMs) });
    }
  }

  // Not p-retry: it is an ES module for Node.js 22 or later, and each attempt here ends with a rollback, an event
  // and a look at the stop signal.
  private async applyWithRetry(file: MigrationFile): Promise<number> {
    const began = performance.now();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.applyInTransaction(file);
      } catch (error) {
        if (!(error instanceof ServerFailure)) {
          throw addFile(file, error, "It was rolled back, or just committed; run again.");
        }
        // If the connection is lost as well, the first failure is the one to report.
        await this.session.query("rollback").catch(() => undefined);
        const { sqlState } = error.server;
        const backOff = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
        // Jitter keeps two transactions from the next deadlock.
        const delayMs = Math.round(backOff * (0.5 + Math.random() / 2));
        const elapsedMs = performance.now() - began;
        if (!RETRIED.has(sqlState) || elapsedMs + delayMs > this.limits.retryForMs) {
          throw createStatementError(file, error, this.adviseOn(error, attempt, elapsedMs));
        }
        this.emit({ kind: "retrying", file: file.name, sqlState, attempt, delayMs });
        await sleep(delayMs);
        this.stopIfAborted(file);
      }
    }
  }

  /** Called only between files and attempts, when no work is half done. */
  private stopIfAborted(next: MigrationFile): void {
    if (this.signal?.aborted) {
      throw new MigrationStoppedError(`Stopped before ${next.path}; run again for the rest.`);
    }
  }

  private async applyInTransaction(file: MigrationFile): Promise<number> {
    const began = performance.now();
    await this.session.query(
      `begin isolation level read committed read write;
       ${this.formatSettings("set local", this.limits.lockTimeoutMs)}
       set local idle_in_transaction_session_timeout = ${IDLE_LIMIT_MS}`,
    );
    await this.runText(file);
    const durationMs = performance.now() - began;
    await this.session.resumeOwner();
    if (!(await holdsLock(this.session))) {
      await this.session.query("rollback");
      throw createLockError(file, "It was rolled back; remove that statement.");
    }
    await ledger.recordApplied(this.session, file, durationMs);
    await this.session.query("commit");
    return durationMs;
  }

  private async applyAlone(file: MigrationFile): Promise<number> {
    const { session, limits } = this;
    const { database } = session.target;
    const before = await ledger.readLeftovers(session);
    await ledger.recordStarted(session, file);
    const began = performance.now();
    // A statement that blocks others keeps the limit.
    const lockTimeoutMs = (await waitsWithoutBlocking(file.sql)) ? 0 : limits.lockTimeoutMs;
    try {
      await session.query(this.formatSettings("set", lockTimeoutMs));
      await this.runText(file);
    } catch (error) {
      if (!(error instanceof ServerFailure)) {
        throw addFile(file, error, describeRecovery(database, file.name, []));
      }
      await session.becomeOwner();
      const after = await ledger.readLeftovers(session);
      const left = after.filter(({ what }) => !before.some((known) => known.what === what));
      if (left.length > 0 || !TRACEABLE.test(file.statements[0]?.kind ?? "")) {
        throw createStatementError(file, error, describeRecovery(database, file.name, left));
      }
      await ledger.deleteRow(session, file.name);
      throw createStatementError(file, error, this.adviseOn(error, 1, performance.now() - began));
    }
    const durationMs = performance.now() - began;
    await session.resumeOwner();
    await ledger.recordFinished(session, file.name, durationMs);
    if (!(await holdsLock(session))) {
      throw createLockError(file, "It is applied and recorded; run again for the rest.");
    }
    return durationMs;
  }

  private async runText(file: MigrationFile): Promise<void> {
    try {
      await this.session.query(file.sql);
    } catch (error) {
      if (error instanceof ServerFailure) {
        error.place = this.placeOf(file, error);
      }
      throw error;
    }
  }

  /** The server's own position, or the start of the statement that it was running. */
  private placeOf({ sql, statements }: MigrationFile, { position, completed }: ServerFailure) {
    const index =
      position === undefined ? statements[completed]?.start : indexOfPosition(sql, position);
    if (index === undefined) {
      return undefined;
    }
    const place = lineAndColumn(sql, index);
    const isSecret = this.session.holdsPassword(lineAt(sql, place.line));
    return { ...place, snippet: isSecret ? [] : snippetLines(sql, place) };
  }

  /** The settings that every file runs with, whatever the settings of the server and the role are. */
  private formatSettings(set: "set" | "set local", lockTimeoutMs: number): string {
    return Object.entries({
      search_path: "public, pg_temp",
      standard_conforming_strings: "on",
      check_function_bodies: "on",
      timezone: "'UTC'",
      datestyle: "'ISO, YMD'",
      lock_timeout: lockTimeoutMs,
      statement_timeout: this.limits.statementTimeoutMs,
    })
      .map(([name, value]) => `${set} ${name} = ${value};`)
      .join("\n");
  }

  private adviseOn({ server }: ServerFailure, attempts: number, elapsedMs: number) {
    const { sqlState, message } = server;
    if (RETRIED.has(sqlState)) {
      return `gave up after ${attempts} attempts in ${Math.round(elapsedMs / 1000)} s; look for long transactions in pg_stat_activity, then run again`;
    }
    if (sqlState === "25001") {
      return 'put the statement into its own file, marked "-- migrate: no-transaction"';
    }
    if (sqlState === "57014" && message.includes("statement timeout")) {
      return `a statement may take at most ${this.limits.statementTimeoutMs / 1000} s; raise migrationStatementTimeoutMs or do the work in smaller steps`;
    }
    if (sqlState === "42501" && /permission denied to create extension/.test(message)) {
      return "only a superuser may create it: add it to the service's `extensions` in catalog/services.ts, and remove the statement from the file";
    }
    if (sqlState === "55P04") {
      return "a new enum value cannot be used in the transaction that adds it: move the statement that uses it into a file with the next number";
    }
    return undefined;
  }
}

function createStatementError(
  file: MigrationFile,
  { server, place }: ServerFailure,
  advice?: string,
) {
  return new MigrationStatementError(file.path, place, server, advice);
}

function createLockError({ path }: MigrationFile, advice: string) {
  return new MigrationError(
    `${path}  released the migration lock, as pg_advisory_unlock_all() and DISCARD ALL do. ${advice}`,
  );
}

/** Names the file in the error of a lost connection. */
function addFile(file: MigrationFile, error: unknown, advice: string): unknown {
  return error instanceof MigrationConnectionError
    ? new MigrationConnectionError(`${file.path}  ${error.message}. ${advice}`, error.code)
    : error;
}
