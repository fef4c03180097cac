-- Apart from 0010, so that writers do not wait for the rows to be read.
alter table learning_sessions validate constraint learning_sessions_cost_usd_nan_check;
alter table agent_executions validate constraint agent_executions_cost_usd_nan_check;
alter table session_metrics validate constraint session_metrics_metric_value_nan_check;
alter table agent_performance_logs
  validate constraint agent_performance_logs_memory_used_mb_nan_check;
alter table agent_performance_logs
  validate constraint agent_performance_logs_cpu_usage_percent_nan_check;
