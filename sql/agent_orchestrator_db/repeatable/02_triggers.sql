create or replace trigger agent_configurations_set_updated_at
before update on agent_configurations
for each row
when (old.* is distinct from new.*)
execute function update_updated_at_column();

-- Once a statement, because eight stages of a session may come at once. Such a trigger has no WHEN
-- that looks at rows.
create or replace trigger agent_executions_insert_session_progress
after insert on agent_executions
referencing new table as new_rows
for each statement
execute function update_session_progress();

-- Once a row, because workers end their executions one by one, and because only this form can tell
-- by its WHEN, at no cost, the many updates that concern no session: a statement's would run for
-- each of them.
create or replace trigger agent_executions_update_session_progress
after update of status on agent_executions
for each row
when (old.status <> new.status and new.status in ('RUNNING', 'COMPLETED', 'FAILED'))
execute function update_session_progress();
