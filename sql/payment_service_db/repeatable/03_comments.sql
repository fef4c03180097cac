comment on function update_updated_at_column() is
  'Trigger function: sets updated_at to the time of a change. Its triggers skip updates that change nothing.';
comment on function generate_invoice_number() is
  'Trigger function: gives an invoice without a number, or with a blank one, the next INV-<year>-<six digits> of the year of created_at in UTC, without gaps. Inserts wait for each other until they commit. Refuses to take a number away: neither a change of it nor a delete of its invoice.';
comment on function update_subscription_status() is
  'Trigger function: a succeeded payment makes its subscription ACTIVE and rolls its period on by one cycle, to the same day of the month where the month has it; a failed one makes it PAST_DUE. One whose metadata holds "renewal": false changes nothing. CANCELED stays, LIFETIME does not roll, and a subscription that would be a user''s second active one is left as it is.';
comment on function is_blank(text) is
  'Whether a text has no visible character, for checks on texts that name or tell apart.';

comment on table subscriptions is 'Plans that users hold or held. At most one per user is ACTIVE or TRIALING.';
comment on column subscriptions.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column subscriptions.status is 'Moved by payments through update_subscription_status; CANCELED is final.';
comment on column subscriptions.price_usd is 'US dollars per billing cycle, before tax.';
comment on column subscriptions.currency is 'ISO 4217 code of the currency the user is charged in; amounts here are in US dollars all the same.';
comment on column subscriptions.current_period_start is 'Null until the first period begins.';
comment on column subscriptions.current_period_end is 'First instant after the period; null until the first begins, and for LIFETIME. A period that the end of a short month cut off is followed by one up to the day that was meant: 31 January, 28 February, 31 March (UTC).';
comment on column subscriptions.cancel_at_period_end is 'The user has canceled, and the service ends the subscription when the period does.';
comment on column subscriptions.plan_type is 'The plan; features and limits say what it comes with.';
comment on column subscriptions.billing_cycle is 'How often the price is due; LIFETIME is paid once.';
comment on column subscriptions.features is 'What the plan allows at this subscription, by name.';
comment on column subscriptions.limits is 'How much the plan allows at this subscription, by name.';
comment on column subscriptions.trial_ends_at is 'Null for a subscription without a trial.';
comment on column subscriptions.canceled_at is 'When the user canceled; null for one that was not.';

comment on table payment_methods is 'Ways to pay that users left with a provider. At most one per user is the default. Never a card number.';
comment on column payment_methods.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column payment_methods.last_four is 'Last four digits of the card or account number, for the user to know it by.';
comment on column payment_methods.exp_month is 'Month, 1 to 12.';
comment on column payment_methods.exp_year is 'Year with four digits.';
comment on column payment_methods.provider is 'Who holds the card or account.';
comment on column payment_methods.provider_payment_method_id is 'The provider''s own id; what a payment is made with. Printable ASCII without a space.';
comment on column payment_methods.type is 'What kind it is; only a CARD expires.';
comment on column payment_methods.brand is 'The card''s brand, for the user to know it by; null for other types.';

comment on table payment_transactions is 'Movements of money, one row per transaction of a provider. Rows are kept for ever.';
comment on column payment_transactions.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column payment_transactions.provider_transaction_id is 'The provider''s own id, printable ASCII without a space. Unique per provider, so that a webhook delivered twice counts once.';
comment on column payment_transactions.amount_usd is 'US dollars; the type says which way they went. Negative for an adjustment in the user''s favor only.';
comment on column payment_transactions.currency is 'ISO 4217 code of the currency charged.';
comment on column payment_transactions.subscription_id is 'Null for money that belongs to no subscription.';
comment on column payment_transactions.payment_method_id is 'Null when the user has taken the method away since.';
comment on column payment_transactions.provider is 'Who moved the money.';
comment on column payment_transactions.type is 'PAYMENT is from the user; REFUND and CHARGEBACK go back, one by us and one by the bank.';
comment on column payment_transactions.status is 'PENDING until the provider says how it ended.';
comment on column payment_transactions.metadata is 'What the provider tells beyond the columns, and two keys of ours: "renewal": false marks a PAYMENT that changes no subscription (an add-on, a proration); "refund_of" of a REFUND or CHARGEBACK is the provider_transaction_id of the payment that it gives back, of the same provider.';
comment on column payment_transactions.failure_reason is 'The provider''s reason; null unless FAILED.';
comment on column payment_transactions.processed_at is 'When the provider said how it ended; null until then.';

comment on table payment_webhooks is 'Events received from providers, each once.';
comment on column payment_webhooks.event_id is 'The provider''s own id of the event, printable ASCII without a space.';
comment on column payment_webhooks.processed_at is 'Null until the event has been dealt with.';
comment on column payment_webhooks.retry_count is 'Attempts that failed so far.';
comment on column payment_webhooks.provider is 'Who sent it.';
comment on column payment_webhooks.event_type is 'As the provider names it, for instance "charge.succeeded"; printable ASCII without a space.';
comment on column payment_webhooks.payload is 'The event''s body as received.';
comment on column payment_webhooks.error_message is 'Of the last attempt that failed; null when none did.';

comment on table invoices is 'Bills to users. None is ever deleted: one that should not have been is set to VOID, so that no number is missing and none is given twice.';
comment on column invoices.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column invoices.invoice_number is 'INV-<year>-<six digits>, given by generate_invoice_number unless the insert brings a number of its own; never blank. Never changed.';
comment on column invoices.amount_due_usd is 'US dollars.';
comment on column invoices.amount_paid_usd is 'US dollars.';
comment on column invoices.currency is 'ISO 4217 code of the currency the invoice is made out in.';
comment on column invoices.subscription_id is 'Null for a bill that belongs to no subscription.';
comment on column invoices.status is 'DRAFT until sent, then OPEN until PAID; VOID and UNCOLLECTIBLE are owed no more.';
comment on column invoices.line_items is 'An array of what is charged, in the order it is shown.';
comment on column invoices.due_date is 'Last day to pay, in UTC; null when it is not to be paid by a day.';
comment on column invoices.paid_at is 'Null until paid in full.';

comment on table billing_addresses is 'The address on a user''s invoices; one per user. Street, city and country are never blank.';
comment on column billing_addresses.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column billing_addresses.country is 'ISO 3166-1 alpha-2 code.';
comment on column billing_addresses.line1 is 'Street and number, or a box; never blank.';
comment on column billing_addresses.city is 'Never blank.';
comment on column billing_addresses.line2 is 'Null where there is none.';
comment on column billing_addresses.state is 'State or province; null where the country has none.';
comment on column billing_addresses.postal_code is 'Null where the country has none.';

comment on table usage_records is 'Metered use within a billing period. Rows are kept for ever.';
comment on column usage_records.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column usage_records.metric_name is 'What was used; never blank.';
comment on column usage_records.unit is 'Unit of quantity, for instance "tokens"; never blank.';
comment on column usage_records.billing_period_end is 'First instant after the period.';
comment on column usage_records.subscription_id is 'Null for use outside of a subscription.';
comment on column usage_records.quantity is 'In the unit of unit; never negative.';
comment on column usage_records.billing_period_start is 'First instant of the period, which ends after it begins.';

comment on table payment_analytics is 'Daily figures of the business.';
comment on column payment_analytics.recorded_date is 'Day in UTC.';
comment on column payment_analytics.metric_name is 'Name of the figure; never blank.';
comment on column payment_analytics.dimensions is 'What the figure is broken down by, for instance {"plan": "PRO"}.';
comment on column payment_analytics.metric_value is 'Its unit goes with metric_name; may be negative.';
