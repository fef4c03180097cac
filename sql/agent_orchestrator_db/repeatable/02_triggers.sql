create or replace trigger agent_configurations_set_updated_at
before update on agent_configurations
for each row
when (old.* is distinct from new.*)
execute function update_updated_at_column();

-- These triggers run once per statement. One statement may write all eight stages of a session. Two
-- statements may also end executions of the same sessions, each in its own order of rows: only a
-- statement trigger sees all sessions before it locks the first one, so that both lock in one
-- order. Such a trigger cannot have a WHEN condition on rows, so it also runs for updates that
-- affect no session.
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
