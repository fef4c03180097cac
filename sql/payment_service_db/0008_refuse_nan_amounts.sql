-- NaN is a number to PostgreSQL, above all others: it passes "not below 0", and one in a table makes
-- every sum over it NaN.
alter table subscriptions
  add constraint subscriptions_price_usd_nan_check check (price_usd <> 'NaN') not valid;

alter table payment_transactions
  add constraint payment_transactions_amount_usd_nan_check check (amount_usd <> 'NaN') not valid;

alter table invoices
  add constraint invoices_amount_due_usd_nan_check check (amount_due_usd <> 'NaN') not valid,
  add constraint invoices_amount_paid_usd_nan_check check (amount_paid_usd <> 'NaN') not valid;

alter table usage_records
  add constraint usage_records_quantity_nan_check check (quantity <> 'NaN') not valid;

alter table payment_analytics
  add constraint payment_analytics_metric_value_nan_check check (metric_value <> 'NaN') not valid;
