import type { ClientBase, Pool } from "pg";

import { add, find, type Row } from "./rows";

export const iso = (time: Date | null) => time && time.toISOString();
export const daysFromNow = (days: number) => new Date(Date.now() + days * 86_400_000);

/** Inserts a payment of this subscription with the status. */
export const pay = (client: ClientBase, subscription: Row, status: string, values: Row = {}) =>
  add(client, "payment_transactions", {
    user_id: subscription.user_id,
    subscription_id: subscription.id,
    status,
    ...values,
  });

/** Inserts payments with these statuses, in this order, in one statement. */
export const payAtOnce = (
  client: ClientBase | Pool,
  payments: [subscription: Row, status: string][],
) =>
  client.query(
    `insert into payment_transactions
       (user_id, subscription_id, provider, provider_transaction_id, type, status, amount_usd)
     select gen_random_uuid(), subscription, 'STRIPE', gen_random_uuid(), 'PAYMENT', status, 10
     from unnest($1::uuid[], $2::text[]) payment (subscription, status)`,
    [payments.map(([{ id }]) => id), payments.map(([, status]) => status)],
  );

/** The subscription's current row. */
export const now = async (client: ClientBase, subscription: Row) =>
  (await find(client, "subscriptions", subscription.id)) as Row;

/** Runs all functions at the same time and waits for every one of them. */
export const inParallel = (count: number, act: (index: number) => Promise<unknown>) =>
  Promise.allSettled(Array.from({ length: count }, (_, index) => act(index)));
