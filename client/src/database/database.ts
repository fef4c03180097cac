/** A pool of connections to the service's database, with transactions that are run again when they fail by chance. */
import { Pool, type PoolClient, type QueryResult, type QueryResultRow } from "pg";

import { type Backoff, delayAfter, pause } from "../backoff";
import type { DatabaseConnection } from "../connections";
import { type Log, reasonOf } from "../log";
import { rowTypes } from "../schema/column-types";
import { tlsOptions } from "../tls";
import { withinTime } from "../within-time";
import { StatementNames } from "./statement-names";
import { isConflict, isLost, isStalePlan } from "./transient";

export interface DatabaseOptions {
  /** Authorities to trust, as PEM. */
  trustedCertificates?: string;
  /** Name of the connections in `pg_stat_activity`. */
  applicationName: string;
  log: Log;
}

export interface TransactionOptions {
  /** @default "read committed", as PostgreSQL's */
  isolation?: "read committed" | "repeatable read" | "serializable";
  /** How long a failed transaction is run again, in milliseconds. @default the pool's connection timeout, 30 s */
  retryForMs?: number;
}

/** What runs statements: the database, each in a transaction of its own, or one transaction. */
export interface Queryable {
  query<R extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<R>>;
}

/**
 * The connection was lost at COMMIT, and the server does not say whether the transaction took effect. It is not run
 * again, because it might take effect twice.
 */
export class CommitUnknownError extends Error {
  public override readonly name = "CommitUnknownError";
}

/** Nothing of the transaction is in effect, so that it may be run again. */
const isTransient = (error: unknown): boolean =>
  isConflict(error) || isLost(error) || isStalePlan(error);

/**
 * Since when the server counts: it starts anew after a crash, and not after a restart in order (PostgreSQL 16,
 * access/transam/xlog.c StartupXLOG, pgstat_discard_stats). Ids of transactions that no WAL on the disk has are then given
 * again (seen on 16.14).
 */
const SINCE =
  "(select extract(epoch from stats_reset)::text from pg_catalog.pg_stat_bgwriter) as since";

const BACKOFF: Backoff = { firstMs: 20, maxMs: 2_000 };

/** How long the server has to say what became of a transaction, also where the time to repeat it is over. */
const LEAST_ASKING_MS = 5_000;

export class Database implements Queryable {
  /** The pool itself, for libraries that take one: Kysely, Drizzle and others. */
  public readonly pool: Pool;
  private readonly names: StatementNames;
  private readonly log: Log;

  constructor(
    private readonly settings: DatabaseConnection,
    options: DatabaseOptions,
  ) {
    const { host, port, name, username, password, url, pool, prepareThreshold } = settings;
    this.log = options.log;
    this.names = new StatementNames(prepareThreshold, pool.preparedStatementCacheSize);
    this.pool = new Pool({
      ...{ host, port, database: name, user: username, password },
      ssl: url.includes("sslmode=verify-full") && tlsOptions(options.trustedCertificates),
      application_name: options.applicationName,
      types: rowTypes,
      max: pool.maximumPoolSize,
      min: pool.minimumIdle,
      connectionTimeoutMillis: pool.connectionTimeoutMs,
      idleTimeoutMillis: pool.idleTimeoutMs,
      maxLifetimeSeconds: pool.maxLifetimeMs / 1_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    // An idle connection that the server ends is replaced when it is needed; unheard, the error would end the process.
    this.pool.on("error", (error) => this.log.warn(`${name}: idle connection: ${reasonOf(error)}`));
  }

  /**
   * Runs one statement. It is not run again after an error, because it may have taken effect: use `transaction` for that. Only
   * one whose kept plan does not fit the table any more, since a migration, has certainly done nothing, and is run again.
   * @param values of the parameters $1, $2 ...; a statement with values is kept prepared once it was run often enough
   */
  public async query<R extends QueryResultRow>(
    text: string,
    values?: unknown[],
  ): Promise<QueryResult<R>> {
    try {
      return await this.run<R>(this.pool, text, values);
    } catch (error) {
      if (!isStalePlan(error)) {
        throw error;
      }
      return this.run<R>(this.pool, text, values);
    }
  }

  /**
   * Does the work in one transaction. If that loses against another transaction (40001, 40P01), the connection is lost or a
   * migration has changed what a kept statement gives, all of it is done again: it must change nothing but the database.
   * @throws CommitUnknownError if nobody can say whether the transaction took effect
   */
  public async transaction<T>(
    work: (transaction: Queryable) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    const { retryForMs = this.settings.pool.connectionTimeoutMs } = options;
    const deadline = Date.now() + retryForMs;
    for (let failures = 1; ; failures += 1) {
      try {
        return await this.attempt(work, options, deadline);
      } catch (error) {
        const delay = delayAfter(failures, BACKOFF);
        if (!isTransient(error) || Date.now() + delay > deadline) {
          throw error;
        }
        this.log.warn(
          `${this.settings.name}: transaction is run again in ${delay} ms: ${reasonOf(error)}`,
        );
        await pause(delay);
      }
    }
  }

  /** Waits for the statements that run, and closes all connections. */
  public async close(): Promise<void> {
    await this.pool.end();
  }

  private async attempt<T>(
    work: (transaction: Queryable) => Promise<T>,
    { isolation }: TransactionOptions,
    deadline: number,
  ): Promise<T> {
    const client = await this.pool.connect();
    const stopWatching = this.watchForLeak();
    let broken: Error | undefined;
    // A connection that is lost between two statements says so only here.
    const onError = (error: Error) => (broken = error);
    client.on("error", onError);
    try {
      await client.query(isolation === undefined ? "begin" : `begin isolation level ${isolation}`);
      const result = await work({
        query: <R extends QueryResultRow>(text: string, values?: unknown[]) =>
          this.run<R>(client, text, values),
      });
      await this.commit(client, deadline);
      return result;
    } catch (error) {
      broken ??= isLost(error) ? (error as Error) : undefined;
      if (broken === undefined) {
        await client.query("rollback").catch((failure: Error) => (broken = failure));
      }
      throw error;
    } finally {
      stopWatching();
      client.off("error", onError);
      // The pool closes a connection that is returned with an error.
      client.release(broken);
    }
  }

  /** @throws a lost connection only where the transaction took no effect */
  private async commit(client: PoolClient, deadline: number): Promise<void> {
    // The id is absent where the transaction changed nothing: then it does not matter whether it was committed.
    const { rows } = await client.query<{ id: string | null; since: string | null }>(
      `select pg_current_xact_id_if_assigned()::text as id, ${SINCE}`,
    );
    const [{ id, since }] = rows;
    try {
      await client.query("commit");
    } catch (error) {
      if (isLost(error) && id !== null && (await this.isCommitted({ id, since }, deadline))) {
        return;
      }
      throw error;
    }
  }

  /**
   * Asks over another connection what became of a transaction whose COMMIT got no answer, as PostgreSQL's documentation
   * of pg_xact_status advises (functions-info, "Transaction ID and Snapshot Information"). A server that crashed may have given
   * the id to another transaction since, so that `committed` says nothing then; `aborted` is true for both.
   */
  private async isCommitted(
    { id, since }: { id: string; since: string | null },
    deadline: number,
  ): Promise<boolean> {
    for (let failures = 1; ; failures += 1) {
      let state: string | null;
      try {
        // On a connection that was cut without a sign, an answer may never come.
        const { rows } = await withinTime(
          this.pool.query<{ state: string | null; since: string | null }>(
            `select pg_xact_status($1::xid8) as state, ${SINCE}`,
            [id],
          ),
          Math.max(LEAST_ASKING_MS, deadline - Date.now()),
        );
        ({ state } = rows[0]);
        if (state === "committed" && rows[0].since !== since) {
          throw new CommitUnknownError(
            `${this.settings.name}: the server crashed at COMMIT, and may have given the id ${id} to another transaction since`,
          );
        }
      } catch (error) {
        if (error instanceof CommitUnknownError) {
          throw error;
        }
        state = `unknown: ${reasonOf(error)}`;
      }
      if (state === "committed" || state === "aborted") {
        return state === "committed";
      }
      const delay = delayAfter(failures, BACKOFF);
      if (Date.now() + delay > deadline) {
        throw new CommitUnknownError(
          `${this.settings.name}: the connection was lost at COMMIT, and transaction ${id} is ${state}`,
        );
      }
      await pause(delay);
    }
  }

  private async run<R extends QueryResultRow>(
    on: Pick<PoolClient, "query">,
    text: string,
    values?: unknown[],
  ): Promise<QueryResult<R>> {
    const name = values && this.names.nameOf(text);
    try {
      return await on.query<R>({ text, values, name });
    } catch (error) {
      if (isStalePlan(error)) {
        this.names.renew(text, name);
      }
      throw error;
    }
  }

  /** Warns of a connection that is not returned in time. */
  private watchForLeak(): () => void {
    const limit = this.settings.pool.leakDetectionThresholdMs;
    const { stack = "" } = new Error();
    const timer = setTimeout(
      () =>
        this.log.warn(
          `${this.settings.name}: a transaction has held its connection for ${limit} ms. ` +
            `It began:\n${stack.split("\n").slice(3).join("\n")}`,
        ),
      limit,
    );
    timer.unref();
    return () => clearTimeout(timer);
  }
}
