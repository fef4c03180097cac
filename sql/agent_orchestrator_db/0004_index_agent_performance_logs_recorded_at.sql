-- migrate: no-transaction
-- Old logs are deleted by their age.
create index concurrently agent_performance_logs_recorded_at_idx
on agent_performance_logs (recorded_at);
