-- Apart from 0008, so that writers do not wait for the rows to be read.
alter table subscriptions validate constraint subscriptions_price_usd_nan_check;
alter table payment_transactions validate constraint payment_transactions_amount_usd_nan_check;
alter table invoices validate constraint invoices_amount_due_usd_nan_check;
alter table invoices validate constraint invoices_amount_paid_usd_nan_check;
alter table usage_records validate constraint usage_records_quantity_nan_check;
alter table payment_analytics validate constraint payment_analytics_metric_value_nan_check;
