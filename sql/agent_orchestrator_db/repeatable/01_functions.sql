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

-- Handles all rows of a statement together: eight executions that are inserted at once cost their
-- session one write, and two statements that end executions of the same sessions lock them in the
-- same order.
--
-- A FAILED execution fails its session, even while another execution of its stage runs. A later
-- execution of that stage that runs is a retry, and the session continues. The rows do not show
-- which of the two came first, because the services set their times. So a stage that has both
-- counts as failed in the statement that fails it, and as running from then on. Only a statement
-- that runs or completes an execution of a failed stage makes the session continue.
--
-- Both settings are about plans that a connection keeps. Plans made while the tables are small
-- would read whole tables later on: without sequential scans only the indexes are left. And without
-- a generic plan, PostgreSQL plans again for each array, because its length may differ. That takes
-- ten times as long as the query.
create or replace function update_session_progress() returns trigger
language plpgsql
volatile
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  -- Parallel arrays: session, stage and status of each changed execution.
  sessions uuid[];
  stages integer[];
  statuses text[];
  started uuid[];
  ended uuid[];
  waiting uuid[];
  failed uuid[];
  finished_at timestamptz;
begin
  -- Most executions are inserted as PENDING, and many updates do not change the status.
  if tg_op = 'INSERT' then
    select
      array_agg(n.session_id),
      array_agg(n.stage_number),
      array_agg(n.status),
      array_agg(distinct n.session_id) filter (where n.status = 'RUNNING'),
      array_agg(distinct n.session_id) filter (where n.status <> 'RUNNING')
    into sessions, stages, statuses, started, ended
    from new_rows n
    where n.status in ('RUNNING', 'COMPLETED', 'FAILED');
  -- EXCEPT instead of a join: a plan made for one row would compare each of 10,000 rows with each
  -- other.
  elsif exists (
    select n.id, n.session_id, n.stage_number, n.status
    from new_rows n
    where n.status in ('RUNNING', 'COMPLETED', 'FAILED')
    except
    select o.id, o.session_id, o.stage_number, o.status from old_rows o
  ) then
    select
      array_agg(changed.session_id),
      array_agg(changed.stage_number),
      array_agg(changed.status),
      array_agg(distinct changed.session_id) filter (where changed.status = 'RUNNING'),
      array_agg(distinct changed.session_id) filter (where changed.status <> 'RUNNING')
    into sessions, stages, statuses, started, ended
    from (
      select n.id, n.session_id, n.stage_number, n.status
      from new_rows n
      where n.status in ('RUNNING', 'COMPLETED', 'FAILED')
      except
      select o.id, o.session_id, o.stage_number, o.status from old_rows o
    ) changed;
  end if;

  if sessions is null then
    return null;
  end if;

  -- An execution that starts does not touch a session that is IN_PROGRESS.
  if started is not null then
    select
      array_agg(s.id) filter (where s.status = 'PENDING'),
      array_agg(s.id) filter (where s.status = 'FAILED')
    into waiting, failed
    from public.learning_sessions s
    where s.id = any (started) and s.status in ('PENDING', 'FAILED');
  end if;

  -- Here and below, sessions are locked in the order of their ids. Otherwise two statements could
  -- deadlock.
  if waiting is not null then
    update public.learning_sessions s
    set status = 'IN_PROGRESS'
    where s.id in (
      select pending.id
      from public.learning_sessions pending
      where pending.id = any (waiting)
        and pending.status = 'PENDING'
      order by pending.id
      for no key update
    );
  end if;

  ended := nullif(coalesce(ended, '{}') || failed, '{}');
  if ended is null then
    return null;
  end if;

  -- Workers of one session take turns here, so the last one to finish sees the rows of all others.
  -- NO KEY, because each worker already holds the foreign key's lock on this row: with a plain FOR
  -- UPDATE, two workers would wait for each other's lock and deadlock.
  perform 1
  from public.learning_sessions s
  where s.id = any (ended)
  order by s.id
  for no key update;

  if current_setting('transaction_isolation') = 'repeatable read' then
    -- After waiting for the lock, such a transaction still has its old snapshot and would miss what
    -- the other worker completed. A write, even of the same value, makes it fail with 40001
    -- instead, and the service retries it.
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
        when bool_or(stage.failed and not stage.completed and (stage.fails or not stage.running))
          then 'FAILED'
        else 'IN_PROGRESS'
      end as status,
      -- When a failed execution itself runs again, no FAILED execution is left.
      bool_or(stage.failed and stage.goes_on)
        or not bool_or(stage.failed and not stage.completed) as retried
    from (
      select
        execution.session_id,
        bool_or(execution.status = 'COMPLETED') as completed,
        bool_or(execution.status = 'FAILED') as failed,
        bool_or(execution.status = 'RUNNING') as running,
        bool_or(execution.event = 'FAILED') as fails,
        bool_or(execution.event in ('RUNNING', 'COMPLETED')) as goes_on
      from (
        select e.session_id, e.stage_number, e.status, null as event
        from public.agent_executions e
        where e.session_id = any (ended)
        union all
        select event.session_id, event.stage_number, null, event.status
        from unnest(sessions, stages, statuses) event (session_id, stage_number, status)
      ) execution
      group by execution.session_id, execution.stage_number
    ) stage
    group by stage.session_id
  ) progress
  where s.id = progress.session_id
    and s.id = any (ended)
    and s.status <> progress.status
    and s.status <> 'CANCELLED'
    -- A session that has ended does not start again, except when a stage of a failed session is
    -- retried.
    and (
      progress.status <> 'IN_PROGRESS'
      or s.status = 'PENDING'
      or s.status = 'FAILED' and progress.retried
    );

  return null;
end;
$$;
