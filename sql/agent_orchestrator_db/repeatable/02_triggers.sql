create or replace trigger agent_configurations_set_updated_at
before update on agent_configurations
for each row
when (old.* is distinct from new.*)
execute function update_updated_at_column();

create or replace trigger agent_executions_update_session_progress
after insert or update of status on agent_executions
for each row
when (new.status in ('RUNNING', 'COMPLETED', 'FAILED'))
execute function update_session_progress();
