-- What npm run verify runs as the role of the application, each probe in a transaction that is rolled
-- back. The last statement of a probe returns true if the object works. See docs/verify.md.

-- probe: function is_blank(value text)
select is_blank(e' \t\u00a0') and not is_blank(' a ');

-- probe: function check_batch(older_than interval, batch_size integer)
do $$
begin
  perform check_batch('-1 day', 1);
  raise exception 'a negative age is accepted';
exception
  when invalid_parameter_value then null;
end;
$$;
select check_batch('1 day', 1) is not null;

-- probe: function delete_processed_webhooks(older_than interval, batch_size integer)
insert into payment_webhooks (provider, event_type, event_id, payload, processed_at)
values ('STRIPE', 'verify', gen_random_uuid(), '{}', '1000-01-01');
-- Nothing else is that old, so that no row of a service is touched.
select delete_processed_webhooks('900 years', 1) = 1;

-- probe: trigger subscriptions_set_updated_at on subscriptions
insert into subscriptions (user_id, plan_type)
values ('00000000-0000-0000-0000-000000000000', 'PRO');
update subscriptions set price_usd = 1 where user_id = '00000000-0000-0000-0000-000000000000';
-- now() is when the transaction began.
select updated_at > now() from subscriptions
where user_id = '00000000-0000-0000-0000-000000000000';

-- probe: trigger payment_methods_set_updated_at on payment_methods
insert into payment_methods (user_id, provider, provider_payment_method_id, type)
values ('00000000-0000-0000-0000-000000000000', 'STRIPE', 'verify', 'CARD');
update payment_methods set is_default = true
where user_id = '00000000-0000-0000-0000-000000000000';
select updated_at > now() from payment_methods
where user_id = '00000000-0000-0000-0000-000000000000';

-- probe: trigger payment_transactions_set_updated_at on payment_transactions
insert into payment_transactions (user_id, provider, provider_transaction_id, type, amount_usd)
values ('00000000-0000-0000-0000-000000000000', 'STRIPE', gen_random_uuid(), 'PAYMENT', 1);
update payment_transactions set amount_usd = 2
where user_id = '00000000-0000-0000-0000-000000000000';
select updated_at > now() from payment_transactions
where user_id = '00000000-0000-0000-0000-000000000000';

-- probe: trigger invoices_set_updated_at on invoices
insert into invoices (user_id, invoice_number, amount_due_usd)
values ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 1);
update invoices set amount_due_usd = 2 where user_id = '00000000-0000-0000-0000-000000000000';
select updated_at > now() from invoices where user_id = '00000000-0000-0000-0000-000000000000';

-- probe: trigger billing_addresses_set_updated_at on billing_addresses
insert into billing_addresses (user_id, line1, city, country)
values ('00000000-0000-0000-0000-000000000000', 'x', 'x', 'GB');
update billing_addresses set line1 = 'y' where user_id = '00000000-0000-0000-0000-000000000000';
select updated_at > now() from billing_addresses
where user_id = '00000000-0000-0000-0000-000000000000';

-- probe: trigger invoices_generate_invoice_number on invoices
-- Other writers of invoices wait until the rollback. Invoices of this year keep their next number.
insert into invoices (user_id, invoice_number, amount_due_usd, created_at)
values ('00000000-0000-0000-0000-000000000000', '', 1, '1000-06-01');
select invoice_number ~ '^INV-1000-[0-9]{6}$' from invoices
where user_id = '00000000-0000-0000-0000-000000000000';

-- probe: trigger invoices_keep_invoice_number on invoices
insert into invoices (user_id, invoice_number, amount_due_usd)
values ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 1);
do $$
begin
  update invoices set invoice_number = 'another'
  where user_id = '00000000-0000-0000-0000-000000000000';
exception
  when restrict_violation then null;
end;
$$;
select invoice_number <> 'another' from invoices
where user_id = '00000000-0000-0000-0000-000000000000';

-- probe: trigger invoices_keep_numbered_invoice on invoices
insert into invoices (user_id, invoice_number, amount_due_usd)
values ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 1);
do $$
begin
  delete from invoices where user_id = '00000000-0000-0000-0000-000000000000';
exception
  when restrict_violation then null;
end;
$$;
select count(*) = 1 from invoices where user_id = '00000000-0000-0000-0000-000000000000';

-- probe: trigger payment_transactions_insert_subscription_status on payment_transactions
insert into subscriptions (user_id, plan_type, status)
values ('00000000-0000-0000-0000-000000000000', 'PRO', 'PAST_DUE');
insert into payment_transactions
  (user_id, subscription_id, provider, provider_transaction_id, type, amount_usd, status)
select user_id, id, 'STRIPE', gen_random_uuid(), 'PAYMENT', 1, 'SUCCEEDED' from subscriptions
where user_id = '00000000-0000-0000-0000-000000000000';
select status = 'ACTIVE' and current_period_end > now() from subscriptions
where user_id = '00000000-0000-0000-0000-000000000000';

-- probe: trigger payment_transactions_update_subscription_status on payment_transactions
insert into subscriptions (user_id, plan_type, status)
values ('00000000-0000-0000-0000-000000000000', 'PRO', 'ACTIVE');
insert into payment_transactions
  (user_id, subscription_id, provider, provider_transaction_id, type, amount_usd)
select user_id, id, 'STRIPE', gen_random_uuid(), 'PAYMENT', 1 from subscriptions
where user_id = '00000000-0000-0000-0000-000000000000';
update payment_transactions set status = 'FAILED'
where user_id = '00000000-0000-0000-0000-000000000000';
select status = 'PAST_DUE' from subscriptions
where user_id = '00000000-0000-0000-0000-000000000000';
