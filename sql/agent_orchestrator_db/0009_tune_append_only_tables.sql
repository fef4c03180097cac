-- Vacuum after 2 % of the rows instead of 20: it marks new pages for index-only scans, and frees the
-- room of deleted rows before the table grows. Analyze as often: a plan for the last hour needs to
-- know that there is one.
alter table agent_performance_logs set (
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02
);

alter table session_metrics set (
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02
);
