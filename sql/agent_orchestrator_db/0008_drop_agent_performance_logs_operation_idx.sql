-- migrate: no-transaction
-- agent_performance_logs_operation_recorded_at_duration_ms_idx begins with the same columns.
drop index concurrently agent_performance_logs_operation_recorded_at_idx;
