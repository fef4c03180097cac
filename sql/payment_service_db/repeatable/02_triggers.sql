create or replace trigger subscriptions_set_updated_at
before update on subscriptions
for each row
when (old.* is distinct from new.*)
execute function update_updated_at_column();

create or replace trigger payment_methods_set_updated_at
before update on payment_methods
for each row
when (old.* is distinct from new.*)
execute function update_updated_at_column();

create or replace trigger payment_transactions_set_updated_at
before update on payment_transactions
for each row
when (old.* is distinct from new.*)
execute function update_updated_at_column();

create or replace trigger invoices_set_updated_at
before update on invoices
for each row
when (old.* is distinct from new.*)
execute function update_updated_at_column();

create or replace trigger billing_addresses_set_updated_at
before update on billing_addresses
for each row
when (old.* is distinct from new.*)
execute function update_updated_at_column();

create or replace trigger invoices_generate_invoice_number
before insert on invoices
for each row
when (new.invoice_number is null or new.invoice_number ~ '^INV-[0-9]{4}-[0-9]{6}$')
execute function generate_invoice_number();

create or replace trigger payment_transactions_update_subscription_status
after insert or update of status on payment_transactions
for each row
when (
  new.type = 'PAYMENT'
  and new.status in ('SUCCEEDED', 'FAILED')
  and new.subscription_id is not null
)
execute function update_subscription_status();
