-- migrate: no-transaction
-- Payments that hang are looked for, to ask the provider what became of them; the bulk is done.
create index concurrently payment_transactions_pending_idx on payment_transactions (created_at)
where status = 'PENDING';
