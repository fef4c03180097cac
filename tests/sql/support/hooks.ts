import { type PostgresServer, type ServerSettings, startPostgres } from "./postgres";

let running: PostgresServer | undefined;

/** The server of this process, which mocha's root hook or `withServer` started. */
export function server(): PostgresServer {
  if (!running) {
    throw new Error(
      "No PostgreSQL is running: start mocha with --require tests/sql/support/hooks.ts, or use withServer",
    );
  }
  return running;
}

/** Runs `act` with a server of its own, for a program that needs databases outside of mocha. */
export async function withServer(
  settings: ServerSettings,
  act: () => Promise<void>,
): Promise<void> {
  running = await startPostgres(settings);
  try {
    await act();
  } finally {
    await running.stop();
    running = undefined;
  }
}

/** Mocha's root hooks: one PostgreSQL for all SQL tests of a process. */
export const mochaHooks = {
  async beforeAll(this: Mocha.Context) {
    this.timeout(60_000);
    running = await startPostgres();
  },
  async afterAll(this: Mocha.Context) {
    this.timeout(30_000);
    await running?.stop();
    running = undefined;
  },
};
