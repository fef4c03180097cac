-- Bodies name the schema of every table: they run under the search_path of whoever writes a row.

-- The clock and not now(): a transaction that began earlier but writes later must not set the time
-- back.
create or replace function update_updated_at_column() returns trigger
language plpgsql
volatile
as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end;
$$;

-- Not a sequence: that would leave a gap for every insert that fails, and does not start again with
-- the year. Volatile, or several rows of one insert would not see each other's numbers.
--
-- A connection keeps the plan of the query below. One made while the table was small would read and
-- sort all of the year's invoices for each new one; without sorting there is only the index's end.
create or replace function generate_invoice_number() returns trigger
language plpgsql
volatile
set enable_sort = off
as $$
declare
  year constant text := coalesce(
    substring(new.invoice_number from 5 for 4),
    to_char(new.created_at at time zone 'UTC', 'YYYY')
  );
  prefix constant text := 'INV-' || year || '-';
  last_number integer;
begin
  -- Held until the transaction ends: the next writer of the year waits, and the query below, a
  -- statement of its own with a new view, then sees this number or, after a rollback, that it is
  -- free again. A given number of this form waits too, or it could be taken from under it.
  perform pg_advisory_xact_lock(tg_relid::integer, year::integer);

  if new.invoice_number is not null then
    return new;
  end if;

  select right(i.invoice_number, 6)::integer into last_number
  from public.invoices i
  where i.invoice_number between prefix || '000000' and prefix || '999999'
    and i.invoice_number ~ '^INV-[0-9]{4}-[0-9]{6}$'
  order by i.invoice_number desc
  limit 1;

  if last_number = 999999 then
    raise exception 'no invoice number is left for the year %', year
      using
        errcode = 'sequence_generator_limit_exceeded',
        hint = 'Numbers have six digits. Give a number of another form, or widen the form.';
  end if;

  new.invoice_number := prefix || to_char(coalesce(last_number, 0) + 1, 'FM000000');
  return new;
end;
$$;

create or replace function update_subscription_status() returns trigger
language plpgsql
volatile
as $$
declare
  subscription public.subscriptions;
  period_start timestamptz;
  period_end timestamptz;
begin
  -- A trigger that serves inserts too cannot compare with the old row in its WHEN. A refunded
  -- payment had succeeded once already; should its refund be taken back, it does not pay twice.
  if tg_op = 'UPDATE' and (old.status = new.status or old.status = 'REFUNDED') then
    return null;
  end if;

  -- Payments of one subscription take turns, so that each rolls from the other's end. NO KEY,
  -- because each of them already holds the foreign key's lock on this row: a plain FOR UPDATE would
  -- wait for the other's, and both would wait for ever.
  select s.* into subscription
  from public.subscriptions s
  where s.id = new.subscription_id
  for no key update;

  if new.status = 'FAILED' then
    update public.subscriptions s
    set status = 'PAST_DUE'
    where s.id = subscription.id
      and s.status in ('ACTIVE', 'TRIALING');
    return null;
  end if;

  if subscription.status not in ('TRIALING', 'PAST_DUE', 'UNPAID', 'ACTIVE') then
    return null;
  end if;

  if subscription.billing_cycle = 'LIFETIME' then
    period_start := subscription.current_period_start;
    period_end := subscription.current_period_end;
  else
    period_start := greatest(subscription.current_period_end, now());
    -- Months are counted in UTC: in the session's zone, a month's end may be another day.
    period_end := (
      period_start at time zone 'UTC'
        + case subscription.billing_cycle when 'MONTHLY' then interval '1 month' else interval '1 year' end
    ) at time zone 'UTC';
  end if;

  begin
    update public.subscriptions s
    set status = 'ACTIVE', current_period_start = period_start, current_period_end = period_end
    where s.id = subscription.id;
  exception
    when unique_violation then
      raise warning 'payment % leaves subscription % %: user % already has an active one',
        new.id, subscription.id, subscription.status, subscription.user_id;
  end;

  return null;
end;
$$;
