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
        hint = 'A number is given once. Set the invoice to VOID instead.';
  end if;

  -- Held until the transaction ends: the next writer waits, and the query below, a statement of its
  -- own with a new view, then sees this number or, after a rollback, that it is free again. A given
  -- number of this form waits too, or it could be taken from under it. One lock for all years: with
  -- one for each, two statements that write invoices of two years would wait for each other.
  perform pg_advisory_xact_lock(tg_relid::bigint);

  -- A blank number is none: a form that was left empty, or an ORM's default for a text.
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
        hint = 'Numbers have six digits. Give a number of another form, or widen the form.';
  end if;

  new.invoice_number := prefix || to_char(coalesce(last_number, 0) + 1, 'FM000000');
  return new;
end;
$$;

-- A payment says itself that it is no renewal, as only the service knows: what a provider reports of an
-- add-on looks the same. Whatever becomes of it, the subscription stays as it is.
--
-- Works on all rows of a statement: a hundred payments of one subscription that are inserted at once
-- roll it on a hundred times by one write, and two statements that pay the same subscriptions lock
-- these in the same order.
--
-- A connection keeps the plans of the queries below. Those made while the tables were small would
-- read them from end to end for each row later on; without that, there are only the indexes. And
-- because an array may be of any length, a new plan for the one at hand seems worth its while each
-- time, when making it takes ten times as long as the query.
create or replace function update_subscription_status() returns trigger
language plpgsql
volatile
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  -- Side by side: each payment's subscription and how it went; then each subscription once, how many
  -- of its payments succeeded, and how the last one went.
  payments uuid[];
  paid_for uuid[];
  rolls integer[];
  outcomes text[];
  batch uuid[];
begin
  -- Most payments are inserted PENDING, and many updates leave the status as it is.
  if tg_op = 'INSERT' then
    select array_agg(n.subscription_id), array_agg(n.status)
    into payments, outcomes
    from new_rows n
    where n.type = 'PAYMENT'
      and n.status in ('SUCCEEDED', 'FAILED')
      and n.subscription_id is not null
      and not n.metadata @> '{"renewal": false}';
  elsif exists (
    -- Not a join: a plan made for one row would compare each of ten thousand with each.
    select n.id, n.status
    from new_rows n
    where n.type = 'PAYMENT'
      and n.status in ('SUCCEEDED', 'FAILED')
      and n.subscription_id is not null
      and not n.metadata @> '{"renewal": false}'
    except
    select o.id, o.status from old_rows o
  ) then
    -- A refunded payment had succeeded once already; should its refund be taken back, it does not pay
    -- twice.
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

  -- Payments of one subscription take turns, so that each rolls from the other's end; in the order
  -- of ids, or two statements would wait for each other. NO KEY, because each of them already holds
  -- the foreign key's lock on this row: a plain FOR UPDATE would wait for the other's, and both
  -- would wait for ever.
  --
  -- A subscription that is not active yet may turn out to be its user's second one, and is tried by
  -- itself; all others go together. In the order of users, for it waits for the other that another
  -- statement has just made active.
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
        -- Months are counted in UTC: in the session's zone, a month's end may be another day.
        cross join lateral (
          select
            -- What never ends has no end to roll on from.
            greatest(nullif(c.current_period_end, 'infinity'), now()) at time zone 'UTC' as origin,
            c.current_period_start at time zone 'UTC' as began,
            case
              when payment.rolls = 0 or c.current_period_end = 'infinity' then null
              when c.billing_cycle = 'MONTHLY' then interval '1 month'
              when c.billing_cycle = 'YEARLY' then interval '1 year'
            end as cycle
        ) basis
        -- The day of the month that periods end on where the month has it. A period that ended with
        -- its month may have been cut short; then it began on the day that is meant, for no two
        -- months in a row are too short for it. Of four years three are, for the 29th of February:
        -- there the subscription's own beginning tells.
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
        raise warning 'paid subscription % is left as it is: its user already has an active one', batch[1];
    end;
  end loop;

  return null;
end;
$$;
