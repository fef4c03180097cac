-- migrate: no-transaction
-- Old metrics are deleted by their age.
create index concurrently session_metrics_recorded_at_idx on session_metrics (recorded_at);
