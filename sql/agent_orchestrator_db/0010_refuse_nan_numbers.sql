-- NaN is a number to PostgreSQL, above all others: it passes "not below 0", and one in a table makes
-- every sum over it NaN.
alter table learning_sessions
  add constraint learning_sessions_cost_usd_nan_check check (cost_usd <> 'NaN') not valid;

alter table agent_executions
  add constraint agent_executions_cost_usd_nan_check check (cost_usd <> 'NaN') not valid;

alter table session_metrics
  add constraint session_metrics_metric_value_nan_check check (metric_value <> 'NaN') not valid;

alter table agent_performance_logs
  add constraint agent_performance_logs_memory_used_mb_nan_check
    check (memory_used_mb <> 'NaN') not valid,
  add constraint agent_performance_logs_cpu_usage_percent_nan_check
    check (cpu_usage_percent <> 'NaN') not valid;
