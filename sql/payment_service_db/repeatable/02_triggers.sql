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

-- An invoice keeps its number. If the last invoice of a year were deleted or renumbered, the next
-- invoice would get the same number again. Set an invoice that is wrong to VOID instead.
create or replace trigger invoices_keep_invoice_number
before update of invoice_number on invoices
for each row
when (old.invoice_number <> new.invoice_number)
execute function generate_invoice_number();

create or replace trigger invoices_keep_numbered_invoice
before delete on invoices
for each row
execute function generate_invoice_number();

-- These triggers run once per statement. One statement may write many payments of one subscription.
-- Two statements may also pay the same subscriptions, each in its own order of rows: only a
-- statement trigger sees all subscriptions before it locks the first one, so that both lock in one
-- order. Such a trigger cannot have a WHEN condition on rows, so it also runs for updates that
-- affect no subscription.
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
