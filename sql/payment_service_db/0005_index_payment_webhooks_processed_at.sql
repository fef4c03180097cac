-- migrate: no-transaction
-- Webhooks are deleted some time after they were processed.
create index concurrently payment_webhooks_processed_at_idx on payment_webhooks (processed_at)
where processed_at is not null;
