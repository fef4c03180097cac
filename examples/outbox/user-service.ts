/** The side that writes: a new account and its event are stored in one transaction, and a relay writes the event. */
import type { Outbox, Platform } from "../../client/src";

export const TOPIC = "user-events";
export const REGISTERED = "user.registered.v1";

export interface NewUser {
  email: string;
  passwordHash: string;
  firstName: string;
  lastName: string;
}

/**
 * Creates an account. Its event is written if and only if the account is there.
 * @returns the user's id
 */
export function registerUser(platform: Platform, outbox: Outbox, user: NewUser): Promise<string> {
  return platform.database().transaction(async (transaction) => {
    const { rows } = await transaction.query<{ id: string }>(
      `insert into users (email, password_hash, first_name, last_name)
       values ($1, $2, $3, $4) returning id`,
      [user.email, user.passwordHash, user.firstName, user.lastName],
    );
    const [{ id }] = rows;
    // Nothing but the id: an event cannot be removed when the user is erased (docs/erasure.md).
    await outbox.add(transaction, TOPIC, { type: REGISTERED, subject: id, data: { userId: id } });
    return id;
  });
}
