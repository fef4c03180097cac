-- migrate: no-transaction
-- An operation's rows lie among all the others'. With the duration in the index, its speed is worked
-- out without reading them.
create index concurrently agent_performance_logs_operation_recorded_at_duration_ms_idx
on agent_performance_logs (operation, recorded_at) include (duration_ms);
