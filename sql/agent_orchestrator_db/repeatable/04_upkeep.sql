-- These functions delete expired and old rows in batches, so that no call holds locks for long. A
-- row that another session has locked is left for the next call. Each call plans with its own
-- values: a generic plan, made for any batch size, would expect to read a tenth of the table.

create or replace function check_batch(older_than interval, batch_size integer) returns void
language plpgsql
immutable
as $$
begin
  -- A negative age would delete what is still in use.
  if (older_than >= interval '0' and batch_size between 1 and 10000) is not true then
    raise exception 'older_than must not be negative and batch_size must be from 1 to 10000, got % and %',
      older_than, batch_size
      using errcode = 'invalid_parameter_value';
  end if;
end;
$$;

comment on function check_batch(interval, integer) is
  'Helper of the functions that delete in batches: rejects a negative age and a batch size outside 1 to 10000 (SQLSTATE 22023).';

create or replace function delete_old_performance_logs(
  older_than interval default '90 days',
  batch_size integer default 1000
) returns integer
language plpgsql
volatile
set plan_cache_mode = force_custom_plan
as $$
declare
  deleted integer;
begin
  perform public.check_batch(older_than, batch_size);
  delete from public.agent_performance_logs
  where id = any (
    array(
      select id
      from public.agent_performance_logs
      where recorded_at < now() - older_than
      order by recorded_at
      limit batch_size
      for update skip locked
    )
  );
  get diagnostics deleted = row_count;
  return deleted;
end;
$$;

comment on function delete_old_performance_logs(interval, integer) is
  'Deletes logs older than older_than. Deletes at most batch_size rows and returns how many. Fewer than batch_size means that only rows locked by other sessions are left.';

create or replace function delete_old_session_metrics(
  older_than interval default '1 year',
  batch_size integer default 1000
) returns integer
language plpgsql
volatile
set plan_cache_mode = force_custom_plan
as $$
declare
  deleted integer;
begin
  perform public.check_batch(older_than, batch_size);
  delete from public.session_metrics
  where id = any (
    array(
      select id
      from public.session_metrics
      where recorded_at < now() - older_than
      order by recorded_at
      limit batch_size
      for update skip locked
    )
  );
  get diagnostics deleted = row_count;
  return deleted;
end;
$$;

comment on function delete_old_session_metrics(interval, integer) is
  'Deletes metrics older than older_than. Deletes at most batch_size rows and returns how many. Fewer than batch_size means that only rows locked by other sessions are left.';

create or replace function delete_old_checkpoints(
  older_than interval default '30 days',
  batch_size integer default 1000
) returns integer
language plpgsql
volatile
set plan_cache_mode = force_custom_plan
as $$
declare
  deleted integer;
begin
  perform public.check_batch(older_than, batch_size);
  delete from public.agent_checkpoints
  where id = any (
    array(
      select id
      from public.agent_checkpoints
      where created_at < now() - older_than
      order by created_at
      limit batch_size
      for update skip locked
    )
  );
  get diagnostics deleted = row_count;
  return deleted;
end;
$$;

comment on function delete_old_checkpoints(interval, integer) is
  'Deletes checkpoints older than older_than. No execution resumes from a checkpoint of that age. Deletes at most batch_size rows and returns how many. Fewer than batch_size means that only rows locked by other sessions are left.';
