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
when (
  new.invoice_number is null
  or is_blank(new.invoice_number)
  or new.invoice_number ~ '^INV-[0-9]{4}-[0-9]{6}$'
)
execute function generate_invoice_number();

-- A number that was given stays given: the last one of a year would be given again once its invoice
-- is gone or renamed. An invoice that should not have been is set to VOID.
create or replace trigger invoices_keep_invoice_number
before update of invoice_number on invoices
for each row
when (old.invoice_number <> new.invoice_number)
execute function generate_invoice_number();

create or replace trigger invoices_keep_numbered_invoice
before delete on invoices
for each row
execute function generate_invoice_number();

-- Once a statement: many payments of one subscription may come at once, and of two statements that pay
-- the same subscriptions, each one's rows in an order of its own, only such a trigger sees all
-- subscriptions before it locks the first. It has no WHEN that looks at rows, and starts for updates
-- that concern no subscription, too.
create or replace trigger payment_transactions_insert_subscription_status
after insert on payment_transactions
referencing new table as new_rows
for each statement
execute function update_subscription_status();

create or replace trigger payment_transactions_update_subscription_status
after update on payment_transactions
referencing old table as old_rows new table as new_rows
for each statement
execute function update_subscription_status();
