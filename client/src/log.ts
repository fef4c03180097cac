/** Where the client reports what it goes on from by itself. `console` and most loggers fit. */
export interface Log {
  warn(message: string): void;
}

/**
 * The reason of an error in one line. Libraries gather the errors of all attempts in one that says nothing itself: the
 * last of them counts.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  if (error instanceof AggregateError && error.errors.length > 0) {
    return reasonOf(error.errors.at(-1));
  }
  const { message, code, cause } = error as NodeJS.ErrnoException;
  const own = message || code || error.name;
  return cause === undefined ? own : `${own} (${reasonOf(cause)})`;
}
