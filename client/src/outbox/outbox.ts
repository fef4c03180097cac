/**
 * Events that are written if and only if the transaction that caused them is committed. The service stores them in a
 * table of its own, in the same transaction; a relay writes them to their topics and deletes them. A relay that is killed
 * in between writes them again, with the same ids: consumers tell by `once` (inbox.ts).
 *
 * The table has the columns of examples/outbox/sql/create_event_outbox.sql.
 */
import { randomUUID } from "node:crypto";

import { escapeIdentifier } from "pg";

import { type Backoff, delayAfter, pause } from "../backoff";
import type { Database, Queryable } from "../database/database";
import type { NewEvent } from "../events/envelope";
import { checkEventData } from "../events/event-check";
import type { Producer } from "../events/producer";
import { type Log, reasonOf } from "../log";
import { Topic } from "../schema/events";
import { withinTime } from "../within-time";

export interface OutboxOptions {
  /** @default "event_outbox" */
  table?: string;
  /** Topics of the stack besides the platform's, as its `learning-platform:extraTopics` names them. @default none */
  extraTopics?: readonly string[];
  /** Events that are read and written at a time. @default 100 */
  batchSize?: number;
  /** How long the relay waits after it found nothing, in milliseconds. @default 500 */
  pollMs?: number;
}

export interface OutboxParts {
  database: Pick<Database, "transaction">;
  producer: Pick<Producer, "publishAll" | "checkSize">;
  log: Log;
  /** Whether the data of events is compared with the schemas of their types. @default true */
  checksEvents?: boolean;
}

interface StoredEvent extends Required<NewEvent> {
  position: string;
  topic: string;
}

/** How long a stopping relay waits for its batch, unless told otherwise. */
const STOP_LIMIT_MS = 30_000;

const BACKOFF: Backoff = { firstMs: 500, maxMs: 10_000 };

export class Outbox {
  private readonly table: string;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly options: OutboxOptions,
    private readonly parts: OutboxParts,
  ) {
    this.table = escapeIdentifier(options.table ?? "event_outbox");
  }

  /**
   * Stores an event in the caller's transaction.
   * @param topic by the platform's name for it: `user-events`
   * @throws EventDataError where its data is not as the schema of its type says, EventTooLargeError, or Error where the platform
   * has no such topic: an event that cannot be written would hold up all later ones
   */
  public async add(transaction: Queryable, topic: string, event: NewEvent): Promise<void> {
    if (this.parts.checksEvents ?? true) {
      checkEventData(event);
    }
    if (![...Object.values<string>(Topic), ...(this.options.extraTopics ?? [])].includes(topic)) {
      throw new Error(
        `The platform has no topic ${topic}. It has those of Topic; extraTopics of the outbox names further ones.`,
      );
    }
    this.parts.producer.checkSize(topic, event);
    const { type, subject, data, id = randomUUID(), time = new Date().toISOString() } = event;
    await transaction.query(
      `insert into ${this.table} (id, topic, type, subject, data, occurred_at)
       values ($1, $2, $3, $4, $5, $6)`,
      [id, topic, type, subject, JSON.stringify(data), time],
    );
  }

  /** Begins to relay in the background, until `stop`. Each instance of a service may: one at a time does the work. */
  public start(): this {
    this.running ??= this.relayUntilStopped();
    return this;
  }

  /**
   * Waits for the batch that is under way.
   * @param limitMs longest wait; the events of a batch that takes longer are written again by the next relay
   */
  public async stop(limitMs = STOP_LIMIT_MS): Promise<void> {
    this.stopping.abort();
    await withinTime(this.running ?? Promise.resolve(), limitMs).catch((error: unknown) =>
      this.parts.log.warn(`outbox: a batch is still under way: ${reasonOf(error)}`),
    );
  }

  /**
   * Writes the oldest events to their topics and deletes them.
   * @returns how many; 0 also while another instance relays
   */
  public relay(): Promise<number> {
    const { batchSize = 100 } = this.options;
    return this.parts.database.transaction(async (transaction) => {
      // One relay at a time keeps the order of the events of one subject.
      const lock = await transaction.query<{ held: boolean }>(
        "select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as held",
        [this.table],
      );
      if (!lock.rows[0].held) {
        return 0;
      }
      const { rows } = await transaction.query<StoredEvent>(
        `select position::text, id, topic, type, subject, data,
           to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as time
         from ${this.table} order by ${this.table}.position limit $1`,
        [batchSize],
      );
      for (const { topic, events } of runsOf(rows)) {
        // They were checked when they were stored. What is committed must be written.
        await this.parts.producer.publishAll(topic, events, { check: false, leaveRoom: false });
      }
      await transaction.query(`delete from ${this.table} where position = any($1::bigint[])`, [
        rows.map(({ position }) => position),
      ]);
      return rows.length;
    });
  }

  private async relayUntilStopped(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted;) {
      try {
        const count = await this.relay();
        failures = 0;
        if (count === 0) {
          await pause(this.options.pollMs ?? 500, signal);
        }
      } catch (error) {
        failures += 1;
        const delay = delayAfter(failures, BACKOFF);
        this.parts.log.warn(`outbox: relaying again in ${delay} ms: ${reasonOf(error)}`);
        await pause(delay, signal);
      }
    }
  }
}

/** Events that follow each other and have the same topic. */
function runsOf(stored: StoredEvent[]): { topic: string; events: NewEvent[] }[] {
  const runs: { topic: string; events: NewEvent[] }[] = [];
  for (const { topic, id, type, subject, data, time } of stored) {
    if (runs.at(-1)?.topic !== topic) {
      runs.push({ topic, events: [] });
    }
    runs.at(-1)!.events.push({ id, type, subject, data, time });
  }
  return runs;
}
