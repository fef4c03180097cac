/** What each service does: together they use everything that a service has of the platform. */
import { randomUUID } from "node:crypto";

import type { ServiceName } from "../../../catalog/services";
import type { Platform } from "../../../client/src";
import { startFirstSessions } from "../../../examples/outbox/agent-orchestrator";
import { registerUser } from "../../../examples/outbox/user-service";
import type { Activity } from "./activity";
import { readThroughCache } from "./cache";
import { workWithSessions } from "./sessions";

/** How long a transaction is repeated: longer than any fault lasts, so that none of them fails. */
const RETRY = { retryForMs: 60_000 };

export const WORK: Readonly<Record<ServiceName, (platform: Platform, activity: Activity) => void>> =
  {
    "user-service": (platform, activity) => {
      const outbox = platform.outbox({ pollMs: 200 }).start();
      activity.repeat("user", async () => {
        const user = { passwordHash: "x", firstName: "Ann", lastName: "Example" };
        const email = `${randomUUID()}@example.com`;
        return { id: await registerUser(platform, outbox, { ...user, email }), place: "users" };
      });
      workWithSessions(platform, activity);
      readThroughCache(platform.cache("users"), activity);
    },

    "agent-orchestrator": (platform, activity) => {
      // Handles each event of a user once: the first sessions that it makes are compared with the users.
      startFirstSessions(platform);
      publish(platform, activity, "session-events", "session.started.v1");
      insert(platform, activity, "learning_sessions", (id) => ({
        text: "insert into learning_sessions (user_id, topic) values (gen_random_uuid(), $1)",
        values: [id],
      }));
    },

    "content-service": (platform, activity) => {
      receive(platform, activity, "session-events", "session.started.v1");
      publish(platform, activity, "content-events", "content.generated.v1");
      insert(platform, activity, "generated_content", (id) => ({
        text: `insert into generated_content (session_id, content_type, title, content_data)
           values (gen_random_uuid(), 'TEXT', $1, '{}')`,
        values: [id],
      }));
      readThroughCache(platform.cache("content"), activity);
    },

    "payment-service": (platform, activity) => {
      receive(platform, activity, "user-events", "user.registered.v1");
      publish(platform, activity, "payment-events", "payment.failed.v1");
      insert(platform, activity, "payment_analytics", (id) => ({
        text: `insert into payment_analytics (metric_name, metric_value, recorded_date)
           values ($1, 1, current_date)`,
        values: [id],
      }));
    },
  };

/** Columns with the ids that `insert` gives rows: without a unique index, so that a row that is there twice is found. */
export const ID_COLUMNS: Readonly<Record<string, string>> = {
  learning_sessions: "topic",
  generated_content: "title",
  payment_analytics: "metric_name",
};

function insert(
  platform: Platform,
  activity: Activity,
  table: string,
  statement: (id: string) => { text: string; values: unknown[] },
): void {
  activity.repeat("row", async () => {
    const id = randomUUID();
    const { text, values } = statement(id);
    await platform.database().transaction(async (transaction) => {
      await transaction.query(text, values);
    }, RETRY);
    return { id, place: table };
  });
}

function publish(platform: Platform, activity: Activity, topic: string, type: string): void {
  activity.repeat("publish", async () => {
    const id = randomUUID();
    await platform.producer().publish(topic, { type, subject: id, data: {}, id });
    return { id, place: topic };
  });
}

/** Notes each event before the group forgets it. */
function receive(platform: Platform, activity: Activity, topic: string, type: string): void {
  platform
    .consumer({ topics: [topic], group: "chaos" })
    .on({
      [type]: async ({ subject }) =>
        activity.ledger.write({ act: "receive", result: "ok", id: subject, place: topic }),
    })
    .start();
}
