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

create or replace function update_session_progress() returns trigger
language plpgsql
volatile
as $$
declare
  current_status text;
  next_status text;
  completed_stages integer;
  stage_failed boolean;
  finished_at constant timestamptz := clock_timestamp();
begin
  -- A trigger that serves inserts too cannot compare with the old row in its WHEN.
  if tg_op = 'UPDATE' and old.status = new.status then
    return null;
  end if;

  -- Workers of one session take turns here, so the last one to finish sees all the others' rows.
  -- NO KEY, because each of them already holds the foreign key's lock on this row: a plain FOR
  -- UPDATE would wait for the other's, and both would wait for ever.
  select s.status into current_status
  from public.learning_sessions s
  where s.id = new.session_id
  for no key update;

  if current_status = 'CANCELLED' then
    return null;
  end if;

  select
    count(*) filter (where stage.completed),
    coalesce(bool_or(stage.failed and not stage.completed), false)
  into completed_stages, stage_failed
  from (
    select
      bool_or(e.status = 'COMPLETED') as completed,
      bool_or(e.status = 'FAILED') as failed
    from public.agent_executions e
    where e.session_id = new.session_id
    group by e.stage_number
  ) stage;

  next_status := case
    when completed_stages = 8 then 'COMPLETED'
    when stage_failed then 'FAILED'
    when current_status = 'PENDING' then 'IN_PROGRESS'
    when current_status = 'FAILED' and new.status = 'COMPLETED' then 'IN_PROGRESS'
    else current_status
  end;

  if next_status <> current_status then
    update public.learning_sessions s
    set
      status = next_status,
      completed_at = case when next_status = 'COMPLETED' then finished_at end,
      actual_duration_minutes = case
        when next_status = 'COMPLETED'
          then greatest(0, round(extract(epoch from finished_at - s.created_at) / 60))
      end
    where s.id = new.session_id;
  elsif current_setting('transaction_isolation') = 'repeatable read' then
    -- Such a transaction keeps its old view after waiting for the lock and would miss what the
    -- other worker completed. A write, even of the same value, makes it fail with 40001 instead,
    -- to be tried again.
    update public.learning_sessions s set status = s.status where s.id = new.session_id;
  end if;

  return null;
end;
$$;
