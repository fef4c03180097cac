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

-- Works on all rows of a statement: eight executions that are inserted at once cost their session one
-- write, and two statements that end executions of the same sessions lock these in the same order.
--
-- A connection keeps the plans of the queries below. Those made while the tables were small would
-- read them from end to end for each row later on; without that, there are only the indexes. And
-- because an array may be of any length, a new plan for the one at hand seems worth its while each
-- time, when making it takes ten times as long as the query.
create or replace function update_session_progress() returns trigger
language plpgsql
volatile
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  started uuid[];
  ended uuid[];
  completed uuid[];
  finished_at timestamptz;
begin
  -- Most executions are inserted PENDING, and many updates leave the status as it is.
  if tg_op = 'INSERT' then
    if not exists (
      select from new_rows n where n.status in ('RUNNING', 'COMPLETED', 'FAILED')
    ) then
      return null;
    end if;

    select
      array_agg(distinct n.session_id) filter (where n.status = 'RUNNING'),
      array_agg(distinct n.session_id) filter (where n.status in ('COMPLETED', 'FAILED')),
      array_agg(distinct n.session_id) filter (where n.status = 'COMPLETED')
    into started, ended, completed
    from new_rows n
    where n.status in ('RUNNING', 'COMPLETED', 'FAILED');
  else
    -- Not a join: a plan made for one row would compare each of ten thousand with each.
    if not exists (
      select n.id, n.session_id, n.status
      from new_rows n
      where n.status in ('RUNNING', 'COMPLETED', 'FAILED')
      except
      select o.id, o.session_id, o.status from old_rows o
    ) then
      return null;
    end if;

    select
      array_agg(distinct changed.session_id) filter (where changed.status = 'RUNNING'),
      array_agg(distinct changed.session_id) filter (where changed.status in ('COMPLETED', 'FAILED')),
      array_agg(distinct changed.session_id) filter (where changed.status = 'COMPLETED')
    into started, ended, completed
    from (
      select n.id, n.session_id, n.status
      from new_rows n
      where n.status in ('RUNNING', 'COMPLETED', 'FAILED')
      except
      select o.id, o.session_id, o.status from old_rows o
    ) changed;
  end if;

  -- Rows of several sessions are locked in the order of ids, here and below, or two statements
  -- would wait for each other. A session that is under way is not touched.
  if started is not null then
    update public.learning_sessions s
    set status = 'IN_PROGRESS'
    where s.id in (
      select waiting.id
      from public.learning_sessions waiting
      where waiting.id = any (started)
        and waiting.status = 'PENDING'
      order by waiting.id
      for no key update
    );
  end if;

  if ended is null then
    return null;
  end if;

  -- Workers of one session take turns here, so the last one to finish sees all the others' rows.
  -- NO KEY, because each of them already holds the foreign key's lock on this row: a plain FOR
  -- UPDATE would wait for the other's, and both would wait for ever.
  perform 1
  from public.learning_sessions s
  where s.id = any (ended)
  order by s.id
  for no key update;

  if current_setting('transaction_isolation') = 'repeatable read' then
    -- Such a transaction keeps its old view after waiting for the lock and would miss what the
    -- other worker completed. A write, even of the same value, makes it fail with 40001 instead,
    -- to be tried again.
    update public.learning_sessions s set status = s.status where s.id = any (ended);
  end if;

  finished_at := clock_timestamp();

  update public.learning_sessions s
  set
    status = progress.status,
    completed_at = case when progress.status = 'COMPLETED' then finished_at end,
    actual_duration_minutes = case
      when progress.status = 'COMPLETED'
        then greatest(0, round(extract(epoch from finished_at - s.created_at) / 60))
    end
  from (
    select
      stage.session_id,
      case
        when count(*) filter (where stage.completed) = 8 then 'COMPLETED'
        when bool_or(stage.failed and not stage.completed) then 'FAILED'
        else 'IN_PROGRESS'
      end as status
    from (
      select
        e.session_id,
        bool_or(e.status = 'COMPLETED') as completed,
        bool_or(e.status = 'FAILED') as failed
      from public.agent_executions e
      where e.session_id = any (ended)
      group by e.session_id, e.stage_number
    ) stage
    group by stage.session_id
  ) progress
  where s.id = progress.session_id
    and s.status <> progress.status
    and s.status <> 'CANCELLED'
    -- What has ended does not begin again, but for a failed session of which a stage completes.
    and (
      progress.status <> 'IN_PROGRESS'
      or s.status = 'PENDING'
      or s.status = 'FAILED' and s.id = any (completed)
    );

  return null;
end;
$$;
