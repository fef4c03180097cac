-- What npm run verify runs as the role of the application, each probe in a transaction that is rolled
-- back. The last statement of a probe returns true if the object works. See docs/verify.md.

-- probe: function is_blank(value text)
select is_blank(e' \t\u00a0') and not is_blank(' a ');

-- probe: function check_batch(older_than interval, batch_size integer)
do $$
begin
  perform check_batch('-1 day', 1);
  raise exception 'a negative age is accepted';
exception
  when invalid_parameter_value then null;
end;
$$;
select check_batch('1 day', 1) is not null;

-- probe: function delete_old_performance_logs(older_than interval, batch_size integer)
with session as (
  insert into learning_sessions (user_id, topic) values (gen_random_uuid(), 'verify') returning id
), execution as (
  insert into agent_executions (session_id, agent_type, stage_number)
  select id, 'RESEARCH', 1 from session
  returning id
)
insert into agent_performance_logs (execution_id, operation, duration_ms, recorded_at)
select id, 'verify', 1, '1000-01-01' from execution;
-- Nothing else is that old, so that no row of a service is touched.
select delete_old_performance_logs('900 years', 1) = 1;

-- probe: function delete_old_session_metrics(older_than interval, batch_size integer)
with session as (
  insert into learning_sessions (user_id, topic) values (gen_random_uuid(), 'verify') returning id
)
insert into session_metrics (session_id, metric_name, metric_value, recorded_at)
select id, 'verify', 1, '1000-01-01' from session;
select delete_old_session_metrics('900 years', 1) = 1;

-- probe: function delete_old_checkpoints(older_than interval, batch_size integer)
with session as (
  insert into learning_sessions (user_id, topic) values (gen_random_uuid(), 'verify') returning id
), execution as (
  insert into agent_executions (session_id, agent_type, stage_number)
  select id, 'RESEARCH', 1 from session
  returning id
)
insert into agent_checkpoints (execution_id, checkpoint_data, created_at)
select id, '{}', '1000-01-01' from execution;
select delete_old_checkpoints('900 years', 1) = 1;

-- probe: trigger agent_configurations_set_updated_at on agent_configurations
insert into agent_configurations (user_id, agent_type)
values ('00000000-0000-0000-0000-000000000000', 'RESEARCH');
update agent_configurations set version = 2 where user_id = '00000000-0000-0000-0000-000000000000';
-- now() is when the transaction began.
select updated_at > now() from agent_configurations
where user_id = '00000000-0000-0000-0000-000000000000';

-- probe: trigger agent_executions_insert_session_progress on agent_executions
insert into learning_sessions (user_id, topic)
values ('00000000-0000-0000-0000-000000000000', 'verify');
insert into agent_executions (session_id, agent_type, stage_number, status)
select id, 'RESEARCH', 1, 'RUNNING' from learning_sessions
where user_id = '00000000-0000-0000-0000-000000000000';
select status = 'IN_PROGRESS' from learning_sessions
where user_id = '00000000-0000-0000-0000-000000000000';

-- probe: trigger agent_executions_update_session_progress on agent_executions
insert into learning_sessions (user_id, topic)
values ('00000000-0000-0000-0000-000000000000', 'verify');
insert into agent_executions (session_id, agent_type, stage_number)
select id, 'RESEARCH', stage from learning_sessions, generate_series(1, 8) stage
where user_id = '00000000-0000-0000-0000-000000000000';
update agent_executions set status = 'COMPLETED'
where session_id = (
  select id from learning_sessions where user_id = '00000000-0000-0000-0000-000000000000'
);
select status = 'COMPLETED' from learning_sessions
where user_id = '00000000-0000-0000-0000-000000000000';
