/** Reads what is there once all faults are over, and compares it with what clients were told. */
import { setTimeout as sleep } from "node:timers/promises";

import { FIRST_TOPIC } from "../../examples/outbox/agent-orchestrator";
import { TOPIC as USER_EVENTS } from "../../examples/outbox/user-service";
import { kafkaAs, type Outputs, withDatabase, withRedis } from "../e2e/support/clients";
import { until } from "../e2e/support/running";
import { compareIds, compareSessions, type PastFault, type SessionFindings } from "./figures";
import type { Act, Entry } from "./ledger";
import { ID_COLUMNS } from "./worker/services";
import type { SessionData } from "./worker/sessions";

export interface Compared {
  /** How many were acknowledged. */
  acknowledged: number;
  lost: string[];
  doubled: string[];
}

export interface Findings {
  /** Rows of the services' transactions, and users. */
  rows: Compared;
  /** Effects of the users' events on the service that handles each event once. */
  effects: Compared;
  /** Events in their topics. A relay that was killed may write again, so that those of the outbox are not among them. */
  events: Compared;
  /** Events that reached a consumer, which may get one more than once. */
  received: Omit<Compared, "doubled">;
  sessions: SessionFindings;
}

/**
 * What a SIGKILL of Redis may take: everything that it acknowledged is written to the file before the answer, except while
 * an fsync of the second before still runs; then the write waits for it, for 2 s at most (redis 7.4 src/aof.c,
 * flushAppendOnlyFile, aof_flush_postponed_start). A power cut takes the last second besides (appendfsync everysec).
 */
const SESSION_LOSS_MS = 2_000;

/** Until events that wait in an outbox or a topic have arrived. */
const ARRIVAL_MS = 180_000;

const OWNERS: Readonly<Record<string, string>> = {
  learning_sessions: "agent-orchestrator",
  generated_content: "content-service",
  payment_analytics: "payment-service",
};

const TOPICS = ["session-events", "content-events", "payment-events"];

export class Audit {
  /** @param read gives what all clients have noted so far */
  constructor(
    private readonly outputs: Outputs,
    private readonly read: () => Entry[],
  ) {}

  /** Waits until what was written has arrived at its readers, or until it never will. */
  public async settle(): Promise<void> {
    await until(async () => {
      await sleep(1_000);
      try {
        const { lost } = await this.effects();
        return lost.length + received(this.read()).lost.length === 0;
      } catch {
        // A server may still be starting.
        return false;
      }
    }, ARRIVAL_MS).catch(() => undefined);
  }

  public async findings(faults: readonly PastFault[]): Promise<Findings> {
    const entries = this.read();
    return {
      rows: await this.rows(entries),
      effects: await this.effects(),
      events: await this.events(entries),
      received: received(entries),
      sessions: await this.sessions(entries, faults),
    };
  }

  private async rows(entries: readonly Entry[]): Promise<Compared> {
    const parts = [compare(acknowledged(entries, "user", "users"), await this.users())];
    for (const [table, column] of Object.entries(ID_COLUMNS)) {
      const text = `select ${column} as id from ${table} where ${column} <> $1`;
      const present = await this.ids(OWNERS[table], text, [FIRST_TOPIC]);
      parts.push(compare(acknowledged(entries, "row", table), present));
    }
    return merge(parts);
  }

  /** Each user that is there, acknowledged or not, has one first session. */
  private async effects(): Promise<Compared> {
    const text = "select user_id as id from learning_sessions where topic = $1";
    return compare(await this.users(), await this.ids("agent-orchestrator", text, [FIRST_TOPIC]));
  }

  private async events(entries: readonly Entry[]): Promise<Compared> {
    const present = await readTopics(this.outputs, TOPICS);
    return merge(
      TOPICS.map((topic) => compare(acknowledged(entries, "publish", topic), present.get(topic)!)),
    );
  }

  private async sessions(
    entries: readonly Entry[],
    faults: readonly PastFault[],
  ): Promise<SessionFindings> {
    const { session, cache } = this.outputs.services["user-service"];
    const ids = entries.flatMap(({ act, id }) => (act === "session" && id ? [id] : []));
    const stored = new Map<string, number>();
    await withRedis(session!.url, async (client) => {
      for (const id of new Set(ids)) {
        const json = await client.get(`${session!.keyPrefix}session:${id}`);
        if (json !== null) {
          stored.set(id, (JSON.parse(json) as SessionData).version);
        }
      }
    });
    const kills = faults.filter(
      ({ kind, target }) => kind === "kill" && target === "redis-session",
    );
    return compareSessions(entries, stored, kills, {
      lossMs: SESSION_LOSS_MS,
      livesMs: cache.ttlSeconds.sessions * 1_000 - 10_000,
      now: Date.now(),
    });
  }

  private users = () => this.ids("user-service", "select id from users");

  private ids(service: string, text: string, values: string[] = []): Promise<string[]> {
    return withDatabase(this.outputs.services[service].database.url, async (client) =>
      (await client.query<{ id: string }>(text, values)).rows.map(({ id }) => id),
    );
  }
}

const acknowledged = (entries: readonly Entry[], act: Act, place: string): string[] =>
  entries
    .filter((entry) => entry.act === act && entry.result === "ok" && entry.place === place)
    .map(({ id }) => id!);

function received(entries: readonly Entry[]): Findings["received"] {
  const expected = [
    ["session-events", acknowledged(entries, "publish", "session-events")],
    [USER_EVENTS, acknowledged(entries, "user", "users")],
  ] as const;
  const { acknowledged: count, lost } = merge(
    expected.map(([topic, ids]) => compare(ids, acknowledged(entries, "receive", topic))),
  );
  return { acknowledged: count, lost };
}

const compare = (acknowledged: string[], present: string[]): Compared => ({
  acknowledged: acknowledged.length,
  ...compareIds(acknowledged, present),
});

const merge = (parts: Compared[]): Compared => ({
  acknowledged: parts.reduce((sum, part) => sum + part.acknowledged, 0),
  lost: parts.flatMap(({ lost }) => lost),
  doubled: parts.flatMap(({ doubled }) => doubled),
});

/** Ids of the events in each topic, from its begin to its end. */
async function readTopics(
  { administrators, accessPoints }: Outputs,
  topics: string[],
): Promise<Map<string, string[]>> {
  const kafka = kafkaAs(accessPoints.kafka.address, administrators.kafka);
  const admin = kafka.admin();
  await admin.connect();
  const left = new Map<string, bigint>();
  for (const topic of topics) {
    for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
      if (high !== low) {
        left.set(`${topic}:${partition}`, BigInt(high));
      }
    }
  }
  await admin.disconnect();
  const found = new Map<string, string[]>(topics.map((topic) => [topic, []]));
  const consumer = kafka.consumer({ groupId: "chaos-audit" });
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, partition, message }) => {
      found.get(topic)!.push((JSON.parse(String(message.value)) as { id: string }).id);
      const key = `${topic}:${partition}`;
      if (BigInt(message.offset) + 1n >= (left.get(key) ?? 0n)) {
        left.delete(key);
      }
    },
  });
  await until(() => left.size === 0, 120_000).catch(() => undefined);
  await consumer.disconnect();
  return found;
}
