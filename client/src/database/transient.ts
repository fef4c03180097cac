/** Which errors of PostgreSQL pass by themselves, so that the whole transaction may be run again. */
import { DatabaseError } from "pg";

/** SQLSTATEs of a transaction that lost against another one; PostgreSQL's documentation, appendix A. */
const CONFLICTS = new Set(["40001", "40P01"]);

/** The server is stopping, has crashed, is not ready to be connected to, or has no connection left. */
const NOT_SERVED = new Set(["57P01", "57P02", "57P03", "53300"]);

/** Connections that were never made, or are lost, by the codes of Node's sockets and resolver. */
const NETWORK = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "ETIMEDOUT",
]);

/**
 * What pg throws without a code: pg 8.23.1 lib/client.js ("Connection terminated", "Client has encountered a connection
 * error and is not queryable"), and pg-pool index.js ("timeout exceeded when trying to connect").
 */
const MESSAGES =
  /^(Connection terminated|Client (was closed|has encountered)|timeout exceeded when trying to connect)/;

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | null)?.code ?? "";

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : "");

/** Whether the transaction lost against another one: it took no effect. */
export const isConflict = (error: unknown): boolean =>
  error instanceof DatabaseError ? CONFLICTS.has(codeOf(error)) : causedBy(error, isConflict);

/** Whether the connection is lost or could not be made. What was sent last may have taken effect. */
export function isLost(error: unknown): boolean {
  const code = codeOf(error);
  if (error instanceof DatabaseError) {
    // Class 08 is a connection that failed, said by a proxy or the server itself.
    return NOT_SERVED.has(code) || code.startsWith("08");
  }
  // Node tries each address of a name, and reports all failures as one.
  const isAll = error instanceof AggregateError && error.errors.every(isLost);
  return isAll || NETWORK.has(code) || MESSAGES.test(messageOf(error)) || causedBy(error, isLost);
}

/**
 * Whether a statement that the connection keeps has other columns since a migration. It fails before it does anything, and on
 * this connection for ever (PostgreSQL 16, utils/cache/plancache.c RevalidateCachedQuery).
 */
export const isStalePlan = (error: unknown): boolean =>
  error instanceof DatabaseError
    ? error.code === "0A000" && error.routine === "RevalidateCachedQuery"
    : causedBy(error, isStalePlan);

/** Query builders wrap what pg throws. */
const causedBy = (error: unknown, test: (cause: unknown) => boolean): boolean =>
  error instanceof Error && error.cause !== undefined && test(error.cause);
