/** The side that reads: each new user gets one first learning session, however often the event arrives. */
import { type Consumer, once, type Platform } from "../../client/src";
import { REGISTERED, TOPIC } from "./user-service";

export const FIRST_TOPIC = "Getting started";

/** @param group of the consumer, after the service's own name */
export function startFirstSessions(platform: Platform, group = "first-sessions"): Consumer {
  const startSession = once(platform.database(), async (transaction, event) => {
    await transaction.query(
      "insert into learning_sessions (user_id, topic, status) values ($1, $2, 'PENDING')",
      [event.subject, FIRST_TOPIC],
    );
  });
  return platform
    .consumer({ topics: [TOPIC], group })
    .on({ [REGISTERED]: startSession })
    .start();
}
