/** Where the client reports what it goes on from by itself. `console` and most loggers fit. */
export interface Log {
  warn(message: string): void;
}

/** The reason of an error in one line; an AggregateError of Node's sockets has an empty message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || error.name;
}
