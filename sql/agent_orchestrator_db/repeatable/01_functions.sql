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
-- A FAILED execution fails its session, even while another execution of its stage runs. A later one that
-- runs is a retry, and takes the session back. Rows do not tell which of the two was first: their times
-- are the services'. So a stage that has both counts as failed in the statement that fails it, and as
-- under way from then on; and only a statement that runs or completes an execution of a stage that
-- failed takes the session back.
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
  -- Side by side: each changed execution's session, stage and status.
  sessions uuid[];
  stages integer[];
  statuses text[];
  started uuid[];
  ended uuid[];
  waiting uuid[];
  failed uuid[];
  finished_at timestamptz;
begin
  -- Most executions are inserted PENDING, and many updates leave the status as it is.
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
  -- Not a join: a plan made for one row would compare each of ten thousand with each.
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

  -- A session that is under way is not touched by an execution that starts.
  if started is not null then
    select
      array_agg(s.id) filter (where s.status = 'PENDING'),
      array_agg(s.id) filter (where s.status = 'FAILED')
    into waiting, failed
    from public.learning_sessions s
    where s.id = any (started) and s.status in ('PENDING', 'FAILED');
  end if;

  -- Rows of several sessions are locked in the order of ids, here and below, or two statements
  -- would wait for each other.
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
        when bool_or(stage.failed and not stage.completed and (stage.fails or not stage.running))
          then 'FAILED'
        else 'IN_PROGRESS'
      end as status,
      -- A failed execution that is itself run again leaves no FAILED one.
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
    -- What has ended does not begin again, but for a failed session of which a stage is retried.
    and (
      progress.status <> 'IN_PROGRESS'
      or s.status = 'PENDING'
      or s.status = 'FAILED' and progress.retried
    );

  return null;
end;
$$;
