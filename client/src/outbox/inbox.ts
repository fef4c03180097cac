/**
 * Handles each event once, however often it arrives: the ids of handled events are in a table of the service's own
 * database, and are stored in the transaction that the event causes.
 *
 * The table has the columns of examples/outbox/sql/create_event_inbox.sql.
 */
import { escapeIdentifier } from "pg";

import type { Database, Queryable } from "../database/database";
import type { PlatformEvent } from "../events/envelope";
import type { EventContext, EventHandler } from "../events/handling";

export interface InboxOptions {
  /** @default "event_inbox" */
  table?: string;
}

/**
 * A handler for `Consumer.on`.
 * @param handle does its work in the transaction, and changes nothing but the database
 */
export function once(
  database: Pick<Database, "transaction">,
  handle: (transaction: Queryable, event: PlatformEvent, context: EventContext) => Promise<void>,
  { table = "event_inbox" }: InboxOptions = {},
): EventHandler {
  const name = escapeIdentifier(table);
  return (event, context) =>
    database.transaction(async (transaction) => {
      // Waits for a transaction that is handling the same event, and then does nothing.
      const { rowCount } = await transaction.query(
        `insert into ${name} (source, id) values ($1, $2) on conflict do nothing`,
        [event.source, event.id],
      );
      if (rowCount === 1) {
        await handle(transaction, event, context);
      }
    });
}
