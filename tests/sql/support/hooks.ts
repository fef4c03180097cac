import { type PostgresServer, startPostgres } from "./postgres";

let running: PostgresServer | undefined;

/** The server that the root hook started for this mocha process. */
export function server(): PostgresServer {
  if (!running) {
    throw new Error(
      "No PostgreSQL is running: start mocha with --require tests/sql/support/hooks.ts",
    );
  }
  return running;
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
