create or replace trigger agent_configurations_set_updated_at
before update on agent_configurations
for each row
when (old.* is distinct from new.*)
execute function update_updated_at_column();

-- Once a statement: eight stages of a session may come at once, and of two statements that end
-- executions of the same sessions, each one's rows in an order of its own, only such a trigger sees
-- all sessions before it locks the first. It has no WHEN that looks at rows, and starts for updates
-- that concern no session, too.
create or replace trigger agent_executions_insert_session_progress
after insert on agent_executions
referencing new table as new_rows
for each statement
execute function update_session_progress();

create or replace trigger agent_executions_update_session_progress
after update on agent_executions
referencing old table as old_rows new table as new_rows
for each statement
execute function update_session_progress();
