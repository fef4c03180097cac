-- Function bodies name the schema of every table, because they run with the caller's search_path.

-- clock_timestamp() instead of now(): a transaction that began earlier but writes later must not
-- set the time back.
create or replace function update_updated_at_column() returns trigger
language plpgsql
volatile
as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end;
$$;

-- A sequence would leave a gap for every insert that fails, and does not restart with the year. The
-- function is volatile, so that several rows of one insert see each other's numbers.
--
-- Both settings are about the plan that a connection keeps. A plan made while the table is small
-- would read and sort all invoices of the year for each new one. Without sorting, only the end of
-- the index is read.
create or replace function generate_invoice_number() returns trigger
language plpgsql
volatile
set enable_sort = off
set plan_cache_mode = force_generic_plan
as $$
declare
  year constant text := coalesce(
    substring(new.invoice_number from '^INV-([0-9]{4})-'),
    to_char(new.created_at at time zone 'UTC', 'YYYY')
  );
  prefix constant text := 'INV-' || year || '-';
  last_number integer;
begin
  if tg_op <> 'INSERT' then
    raise exception 'invoice % keeps its number', old.invoice_number
      using
        errcode = 'restrict_violation',
        hint = 'Each number is used once. Set the invoice to VOID instead.';
  end if;

  -- The lock is held until the transaction ends, so the next writer waits. The query below is a
  -- statement of its own with a new snapshot: it then sees this number, or after a rollback that it
  -- is free again. An insert with its own number of this form waits as well, or another insert
  -- could take the number. One lock covers all years: with one per year, two statements that write
  -- invoices of two years could deadlock.
  perform pg_advisory_xact_lock(tg_relid::bigint);

  -- A blank number counts as none: it comes from an empty form, or is an ORM's default for a text.
  if not public.is_blank(new.invoice_number) then
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
        hint = 'Numbers have six digits. Insert a number of another form, or extend the form.';
  end if;

  new.invoice_number := prefix || to_char(coalesce(last_number, 0) + 1, 'FM000000');
  return new;
end;
$$;

-- A payment's own metadata marks it as no renewal, because only the service knows: the provider's
-- report of an add-on looks the same as that of a renewal. Such a payment never changes its
-- subscription.
--
-- Handles all rows of a statement together: a hundred payments of one subscription that are
-- inserted at once extend it a hundred times in one write, and two statements that pay the same
-- subscriptions lock them in the same order.
--
-- Both settings are about plans that a connection keeps. Plans made while the tables are small
-- would read whole tables later on: without sequential scans only the indexes are left. And without
-- a generic plan, PostgreSQL plans again for each array, because its length may differ. That takes
-- ten times as long as the query.
create or replace function update_subscription_status() returns trigger
language plpgsql
volatile
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  -- Parallel arrays. First each payment's subscription and outcome. Then each subscription once,
  -- with the number of its payments that succeeded and the outcome of the last one.
  payments uuid[];
  paid_for uuid[];
  rolls integer[];
  outcomes text[];
  batch uuid[];
begin
  -- Most payments are inserted as PENDING, and many updates do not change the status.
  if tg_op = 'INSERT' then
    select array_agg(n.subscription_id), array_agg(n.status)
    into payments, outcomes
    from new_rows n
    where n.type = 'PAYMENT'
      and n.status in ('SUCCEEDED', 'FAILED')
      and n.subscription_id is not null
      and not n.metadata @> '{"renewal": false}';
  elsif exists (
    -- EXCEPT instead of a join: a plan made for one row would compare each of 10,000 rows with each
    -- other.
    select n.id, n.status
    from new_rows n
    where n.type = 'PAYMENT'
      and n.status in ('SUCCEEDED', 'FAILED')
      and n.subscription_id is not null
      and not n.metadata @> '{"renewal": false}'
    except
    select o.id, o.status from old_rows o
  ) then
    -- A refunded payment has already succeeded once. If its refund is reversed, it does not pay a
    -- second time.
    select array_agg(n.subscription_id order by n.place), array_agg(n.status order by n.place)
    into payments, outcomes
    from (
      select r.*, lag(r.status) over (partition by r.id order by r.place) as status_before
      from (
        select 0 as place, o.id, o.type, o.status, o.subscription_id, o.metadata from old_rows o
        union all
        select row_number() over (), n.id, n.type, n.status, n.subscription_id, n.metadata
        from new_rows n
      ) r
    ) n
    where n.place > 0
      and n.type = 'PAYMENT'
      and n.status in ('SUCCEEDED', 'FAILED')
      and n.subscription_id is not null
      and not n.metadata @> '{"renewal": false}'
      and n.status_before not in (n.status, 'REFUNDED');
  end if;

  if payments is null then
    return null;
  end if;

  select array_agg(paid.subscription_id), array_agg(paid.succeeded), array_agg(paid.outcome)
  into paid_for, rolls, outcomes
  from (
    select
      payment.subscription_id,
      count(*) filter (where payment.status = 'SUCCEEDED') as succeeded,
      (array_agg(payment.status order by payment.place desc))[1] as outcome
    from unnest(payments, outcomes) with ordinality payment (subscription_id, status, place)
    group by payment.subscription_id
  ) paid;

  -- Payments of one subscription take turns, so that each extends the period that the other one
  -- left. The order of ids keeps two statements from a deadlock. NO KEY, because each transaction
  -- already holds the foreign key's lock on this row: with a plain FOR UPDATE, two transactions
  -- would wait for each other's lock and deadlock.
  --
  -- A subscription that is not active yet may become its user's second active one, so it is updated
  -- by itself. All others are updated together. The batches are in the order of users, because an
  -- update waits when another statement has just made the user's other subscription active.
  for batch in
    select array_agg(s.id)
    from (
      select locked.id, locked.user_id, locked.status
      from public.subscriptions locked
      where locked.id = any (paid_for)
      order by locked.id
      for no key update
    ) s
    where s.status <> 'CANCELED'
    group by case when s.status in ('PAST_DUE', 'UNPAID') then s.id end
    order by (array_agg(s.user_id))[1]
  loop
    begin
      update public.subscriptions s
      set
        status = rolled.status,
        current_period_start = coalesce(rolled.period_start, s.current_period_start),
        current_period_end = coalesce(rolled.period_end, s.current_period_end)
      from (
        select
          c.id,
          case
            when payment.outcome = 'SUCCEEDED' then 'ACTIVE'
            when payment.rolls > 0 or c.status in ('ACTIVE', 'TRIALING') then 'PAST_DUE'
            else c.status
          end as status,
          rolled_on.period_start,
          rolled_on.period_end
        from unnest(paid_for, rolls, outcomes) payment (subscription_id, rolls, outcome)
        join public.subscriptions c on c.id = payment.subscription_id
        -- Months are counted in UTC: in the session's time zone, a month may end on another day.
        cross join lateral (
          select
            -- A period without an end cannot be extended.
            greatest(nullif(c.current_period_end, 'infinity'), now()) at time zone 'UTC' as origin,
            c.current_period_start at time zone 'UTC' as began,
            case
              when payment.rolls = 0 or c.current_period_end = 'infinity' then null
              when c.billing_cycle = 'MONTHLY' then interval '1 month'
              when c.billing_cycle = 'YEARLY' then interval '1 year'
            end as cycle
        ) basis
        -- The day of the month on which periods end, in months that have that day. A period that
        -- ended on the last day of a month may have been shortened. Then the intended day is the
        -- one on which the period began, because no two consecutive months are both too short. For
        -- 29 February, three of four years are too short: there the start of the subscription shows
        -- the intended day.
        cross join lateral (
          select
            case
              when c.current_period_end >= now() and extract(day from basis.origin + interval '1 day') = 1
                then greatest(
                  extract(day from basis.origin),
                  extract(day from basis.began),
                  case
                    when c.billing_cycle = 'YEARLY'
                      and '0229' in (
                        to_char(c.created_at at time zone 'UTC', 'MMDD'),
                        to_char(c.trial_ends_at at time zone 'UTC', 'MMDD')
                      )
                      then 29
                  end
                )
              else extract(day from basis.origin)
            end as day
        ) anchor
        cross join lateral (
          select
            min(edge.at) at time zone 'UTC' as period_start,
            max(edge.at) at time zone 'UTC' as period_end
          from (values (payment.rolls - 1), (payment.rolls)) cycles (passed)
          cross join lateral (
            select date_trunc('month', basis.origin) + cycles.passed * basis.cycle as first_day
          ) month
          cross join lateral (
            select
              month.first_day
                + (least(anchor.day, extract(day from month.first_day + interval '1 month -1 day'))::integer - 1)
                * interval '1 day'
                + (basis.origin - date_trunc('day', basis.origin)) as at
          ) edge
        ) rolled_on
        where c.id = any (batch)
      ) rolled
      where s.id = rolled.id
        and (rolled.status <> s.status or rolled.period_end is not null);
    exception
      when unique_violation then
        raise warning 'paid subscription % stays as it is: its user already has an active one', batch[1];
    end;
  end loop;

  return null;
end;
$$;
