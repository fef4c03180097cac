/**
 * What clients did, one line each, in a file: a client that is killed takes nothing of it along. A line is written after
 * the answer and before the next act, so that every line is of something that was acknowledged.
 */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

/** What clients do. */
export const ACTS = {
  row: "a transaction that inserts one row",
  user: "a transaction that inserts a user and its event into the outbox",
  session: "a session that is started, changed or ended",
  cache: "a value that is read through the cache",
  publish: "an event that is written to its topic",
  receive: "an event that a consumer was given",
} as const;
export type Act = keyof typeof ACTS;

export interface Entry {
  /** Milliseconds since 1970. */
  at: number;
  act: Act;
  /**
   * `try`: an act that changes something that was acknowledged before has begun. `ok`: it was acknowledged. `error`: it
   * failed. `hung`: neither came. `wrong`: the answer was not what it must be.
   */
  result: "try" | "ok" | "error" | "hung" | "wrong";
  /** Of the row, session or event. */
  id?: string;
  /** Where the id is: a database or topic. */
  place?: string;
  /** Of a session, from 0; -1 where it ended. */
  version?: number;
  /** What kind of error, or what was wrong. */
  reason?: string;
}

export class LedgerWriter {
  private readonly file: number;

  constructor(path: string) {
    this.file = openSync(path, "a", 0o600);
  }

  /** One call of the system, whose line survives the process. */
  public write(entry: Omit<Entry, "at">): void {
    writeSync(this.file, `${JSON.stringify({ at: Date.now(), ...entry })}\n`);
  }

  public close(): void {
    closeSync(this.file);
  }
}

/** The lines of a ledger. The process may have been killed in the middle of the last one of a run. */
export function readLedger(path: string): Entry[] {
  return readFileSync(path, "utf8").split("\n").flatMap(parseLine);
}

function parseLine(line: string): Entry[] {
  if (!line.endsWith("}")) {
    return [];
  }
  // The rest of a torn line, and the line after it, have no end of line between them.
  const whole = line.slice(line.lastIndexOf('{"at":'));
  return [JSON.parse(whole) as Entry];
}
