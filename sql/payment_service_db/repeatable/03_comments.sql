comment on function update_updated_at_column() is
  'Trigger function: sets updated_at to the time of a change. Its triggers skip updates that change nothing.';
comment on function generate_invoice_number() is
  'Trigger function: gives an invoice without a number the next INV-<year>-<six digits> of the year of created_at in UTC, without gaps. Inserts of one year wait for each other until they commit.';
comment on function update_subscription_status() is
  'Trigger function: a succeeded payment makes its subscription ACTIVE and rolls its period on by one cycle; a failed one makes it PAST_DUE. CANCELED stays, LIFETIME does not roll, and a subscription that would be a user''s second active one is left as it is.';

comment on table subscriptions is 'Plans that users hold or held. At most one per user is ACTIVE or TRIALING.';
comment on column subscriptions.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column subscriptions.status is 'Moved by payments through update_subscription_status; CANCELED is final.';
comment on column subscriptions.price_usd is 'US dollars per billing cycle, before tax.';
comment on column subscriptions.currency is 'ISO 4217 code of the currency the user is charged in; amounts here are in US dollars all the same.';
comment on column subscriptions.current_period_start is 'Null until the first period begins.';
comment on column subscriptions.current_period_end is 'First instant after the period; null until the first begins, and for LIFETIME.';
comment on column subscriptions.cancel_at_period_end is 'The user has canceled, and the service ends the subscription when the period does.';

comment on table payment_methods is 'Ways to pay that users left with a provider. At most one per user is the default. Never a card number.';
comment on column payment_methods.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column payment_methods.last_four is 'Last four digits of the card or account number, for the user to know it by.';
comment on column payment_methods.exp_month is 'Month, 1 to 12.';
comment on column payment_methods.exp_year is 'Year with four digits.';

comment on table payment_transactions is 'Movements of money, one row per transaction of a provider. Rows are kept for ever.';
comment on column payment_transactions.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column payment_transactions.provider_transaction_id is 'The provider''s own id. Unique per provider, so that a webhook delivered twice counts once.';
comment on column payment_transactions.amount_usd is 'US dollars; the type says which way they went. Negative for an adjustment in the user''s favor only.';
comment on column payment_transactions.currency is 'ISO 4217 code of the currency charged.';

comment on table payment_webhooks is 'Events received from providers, each once.';
comment on column payment_webhooks.event_id is 'The provider''s own id of the event.';
comment on column payment_webhooks.processed_at is 'Null until the event has been dealt with.';
comment on column payment_webhooks.retry_count is 'Attempts that failed so far.';

comment on table invoices is 'Bills to users. An invoice that should not have been is set to VOID: the number of a deleted last one would be given again.';
comment on column invoices.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column invoices.invoice_number is 'INV-<year>-<six digits>, given by generate_invoice_number unless the insert brings a number of its own.';
comment on column invoices.amount_due_usd is 'US dollars.';
comment on column invoices.amount_paid_usd is 'US dollars.';
comment on column invoices.currency is 'ISO 4217 code of the currency the invoice is made out in.';

comment on table billing_addresses is 'The address on a user''s invoices; one per user.';
comment on column billing_addresses.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column billing_addresses.country is 'ISO 3166-1 alpha-2 code.';

comment on table usage_records is 'Metered use within a billing period. Rows are kept for ever.';
comment on column usage_records.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column usage_records.unit is 'Unit of quantity, for instance "tokens".';
comment on column usage_records.billing_period_end is 'First instant after the period.';

comment on table payment_analytics is 'Daily figures of the business.';
comment on column payment_analytics.recorded_date is 'Day in UTC.';
comment on column payment_analytics.dimensions is 'What the figure is broken down by, for instance {"plan": "PRO"}.';
