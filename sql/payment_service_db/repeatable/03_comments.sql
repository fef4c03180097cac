comment on function update_updated_at_column() is
  'Trigger function: sets updated_at to the time of the change. Its triggers skip updates that change nothing.';
comment on function generate_invoice_number() is
  'Trigger function: gives an invoice with a missing or blank number the next INV-<year>-<six digits>, without gaps. The year is that of created_at in UTC. Inserts wait for each other until they commit. An invoice number cannot be changed, and its invoice cannot be deleted.';
comment on function update_subscription_status() is
  'Trigger function: a succeeded payment makes its subscription ACTIVE and extends its period by one cycle, to the same day of the month if the month has it. A failed payment makes it PAST_DUE. A payment whose metadata holds "renewal": false changes nothing. A CANCELED subscription stays CANCELED, a LIFETIME one is not extended, and one that would become the user''s second active subscription is not changed.';
comment on function is_blank(text) is
  'Whether a text has no visible character. Checks use it for texts that identify a row or name something.';

comment on table subscriptions is 'Current and earlier plans of users. At most one per user is ACTIVE or TRIALING.';
comment on column subscriptions.user_id is 'Account in user-service. Foreign keys do not reach across databases.';
comment on column subscriptions.status is 'Payments change it through update_subscription_status; CANCELED is final.';
comment on column subscriptions.price_usd is 'US dollars per billing cycle, before tax.';
comment on column subscriptions.currency is 'ISO 4217 code of the currency in which the user is charged. Amounts in this table are in US dollars regardless.';
comment on column subscriptions.current_period_start is 'Null until the first period begins.';
comment on column subscriptions.current_period_end is 'First instant after the period; null until the first period begins, and for LIFETIME. If a short month shortened a period, the next one ends on the intended day again: 31 January, 28 February, 31 March (UTC).';
comment on column subscriptions.cancel_at_period_end is 'The user has canceled, and the service ends the subscription when the period ends.';
comment on column subscriptions.plan_type is 'The plan; features and limits hold what it includes.';
comment on column subscriptions.billing_cycle is 'How often the price is due; LIFETIME is paid once.';
comment on column subscriptions.features is 'Features of this subscription, by name.';
comment on column subscriptions.limits is 'Quotas of this subscription, by name.';
comment on column subscriptions.trial_ends_at is 'Null for a subscription without a trial.';
comment on column subscriptions.canceled_at is 'When the user canceled; null if not canceled.';

comment on table payment_methods is 'Payment methods that users stored with a provider. At most one per user is the default. Never a card number.';
comment on column payment_methods.user_id is 'Account in user-service. Foreign keys do not reach across databases.';
comment on column payment_methods.last_four is 'Last four digits of the card or account number, so that the user recognises it.';
comment on column payment_methods.exp_month is 'Month, 1 to 12.';
comment on column payment_methods.exp_year is 'Year with four digits.';
comment on column payment_methods.provider is 'Provider that stores the card or account.';
comment on column payment_methods.provider_payment_method_id is 'The provider''s own id, with which payments are made. Printable ASCII without a space.';
comment on column payment_methods.type is 'Kind of payment method; only a CARD expires.';
comment on column payment_methods.brand is 'Brand of the card, so that the user recognises it; null for other types.';

comment on table payment_transactions is 'Movements of money, one row per transaction of a provider. Rows are kept forever.';
comment on column payment_transactions.user_id is 'Account in user-service. Foreign keys do not reach across databases.';
comment on column payment_transactions.provider_transaction_id is 'The provider''s own id, printable ASCII without a space. Unique per provider, so that a webhook delivered twice counts once.';
comment on column payment_transactions.amount_usd is 'US dollars; the type determines the direction. Negative only for an adjustment in the user''s favor.';
comment on column payment_transactions.currency is 'ISO 4217 code of the currency charged.';
comment on column payment_transactions.subscription_id is 'Null for money that belongs to no subscription.';
comment on column payment_transactions.payment_method_id is 'Null if the user has removed the payment method since.';
comment on column payment_transactions.provider is 'Provider that moved the money.';
comment on column payment_transactions.type is 'PAYMENT comes from the user. REFUND and CHARGEBACK go back to the user: the service issues a refund, the bank a chargeback.';
comment on column payment_transactions.status is 'PENDING until the provider reports the outcome.';
comment on column payment_transactions.metadata is 'Details from the provider that have no column, and two keys of our own: "renewal": false marks a PAYMENT that changes no subscription (an add-on, a proration); "refund_of" of a REFUND or CHARGEBACK is the provider_transaction_id of the refunded payment of the same provider.';
comment on column payment_transactions.failure_reason is 'The provider''s reason; null unless FAILED.';
comment on column payment_transactions.processed_at is 'When the provider reported the outcome; null until then.';

comment on table payment_webhooks is 'Events received from providers, each once.';
comment on column payment_webhooks.event_id is 'The provider''s own id of the event, printable ASCII without a space.';
comment on column payment_webhooks.processed_at is 'When the event was processed; null until then.';
comment on column payment_webhooks.retry_count is 'Number of failed attempts.';
comment on column payment_webhooks.provider is 'Provider that sent the event.';
comment on column payment_webhooks.event_type is 'The provider''s name of the event type, for example "charge.succeeded"; printable ASCII without a space.';
comment on column payment_webhooks.payload is 'Body of the event as received.';
comment on column payment_webhooks.error_message is 'Error of the last failed attempt; null if none failed.';

comment on table invoices is 'Bills to users. An invoice is never deleted: a wrong one is set to VOID, so that no number is missing and none is used twice.';
comment on column invoices.user_id is 'Account in user-service. Foreign keys do not reach across databases.';
comment on column invoices.invoice_number is 'INV-<year>-<six digits> from generate_invoice_number, unless the insert has its own number. Never blank, never changed.';
comment on column invoices.amount_due_usd is 'US dollars.';
comment on column invoices.amount_paid_usd is 'US dollars.';
comment on column invoices.currency is 'ISO 4217 code of the invoice''s currency.';
comment on column invoices.subscription_id is 'Null for a bill that belongs to no subscription.';
comment on column invoices.status is 'DRAFT until sent, then OPEN until PAID. VOID and UNCOLLECTIBLE invoices are no longer due.';
comment on column invoices.line_items is 'Array of the charged items, in display order.';
comment on column invoices.due_date is 'Last day to pay, in UTC; null for an invoice without a due date.';
comment on column invoices.paid_at is 'Null until paid in full.';

comment on table billing_addresses is 'The address on a user''s invoices, one per user. Street, city and country are never blank.';
comment on column billing_addresses.user_id is 'Account in user-service. Foreign keys do not reach across databases.';
comment on column billing_addresses.country is 'ISO 3166-1 alpha-2 code.';
comment on column billing_addresses.line1 is 'Street and number, or a post-office box; never blank.';
comment on column billing_addresses.city is 'Never blank.';
comment on column billing_addresses.line2 is 'Null if there is none.';
comment on column billing_addresses.state is 'State or province; null if the country has none.';
comment on column billing_addresses.postal_code is 'Null if the country has none.';

comment on table usage_records is 'Metered usage within a billing period. Rows are kept forever.';
comment on column usage_records.user_id is 'Account in user-service. Foreign keys do not reach across databases.';
comment on column usage_records.metric_name is 'What was used; never blank.';
comment on column usage_records.unit is 'Unit of quantity, for example "tokens"; never blank.';
comment on column usage_records.billing_period_end is 'First instant after the period.';
comment on column usage_records.subscription_id is 'Null for usage without a subscription.';
comment on column usage_records.quantity is 'In the unit given by unit; never negative.';
comment on column usage_records.billing_period_start is 'First instant of the period; always before billing_period_end.';

comment on table payment_analytics is 'Daily business figures.';
comment on column payment_analytics.recorded_date is 'Day in UTC.';
comment on column payment_analytics.metric_name is 'Name of the figure; never blank.';
comment on column payment_analytics.dimensions is 'What the figure is broken down by, for example {"plan": "PRO"}.';
comment on column payment_analytics.metric_value is 'metric_name determines its unit; may be negative.';
