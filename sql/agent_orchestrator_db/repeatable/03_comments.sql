comment on function update_updated_at_column() is
  'Trigger function: sets updated_at to the time of the change. Its triggers skip updates that change nothing.';
comment on function update_session_progress() is
  'Trigger function: derives a session''s status from its executions. COMPLETED when each of the stages 1 to 8 has a COMPLETED execution. FAILED when a stage without a COMPLETED execution has a FAILED one. A FAILED session continues when a retry runs or completes in each failed stage. CANCELLED never changes. All workers must use the same isolation level: a worker at read committed and one at a higher level would each miss what the other completes at the same moment.';
comment on function is_blank(text) is
  'Whether a text has no visible character. Checks use it for texts that identify a row or name something.';

comment on table learning_sessions is 'A user''s request to learn a topic. Agents carry it out in eight stages.';
comment on column learning_sessions.user_id is 'Account in user-service. Foreign keys do not reach across databases.';
comment on column learning_sessions.topic is 'What the user wants to learn; never blank.';
comment on column learning_sessions.status is 'Maintained by update_session_progress. A service sets it only to cancel a session.';
comment on column learning_sessions.estimated_duration_minutes is 'Minutes.';
comment on column learning_sessions.actual_duration_minutes is 'Minutes from created_at to completed_at, rounded; null unless COMPLETED.';
comment on column learning_sessions.quality_score is 'From 0 (worst) to 1 (best).';
comment on column learning_sessions.cost_usd is 'US dollars, with six decimals: one call of a model may cost less than a cent.';
comment on column learning_sessions.completed_at is 'When the last stage completed; null unless COMPLETED.';

comment on table session_metrics is 'Measurements of a whole session.';
comment on column session_metrics.metric_name is 'Never blank.';
comment on column session_metrics.metric_unit is 'Unit of metric_value, for example "ms" or "tokens"; null for a plain number.';
comment on column session_metrics.metric_value is 'In the unit given by metric_unit.';

comment on table agent_executions is 'One run of one agent in a session. A retry is a new row of the same stage.';
comment on column agent_executions.stage_number is 'Stage of the session, 1 to 8.';
comment on column agent_executions.tokens_used is 'Tokens of the prompt and the answer together.';
comment on column agent_executions.cost_usd is 'US dollars, with six decimals.';
comment on column agent_executions.agent_type is 'The agent that runs; stage_number holds its stage.';
comment on column agent_executions.status is 'PENDING until a worker takes it, then RUNNING. COMPLETED, FAILED and CANCELLED are final: a retry is a new row.';
comment on column agent_executions.input_data is 'Input of the agent; null when it needs none.';
comment on column agent_executions.output_data is 'Output of the agent; null until COMPLETED.';
comment on column agent_executions.error_message is 'Why the execution failed; null unless FAILED.';
comment on column agent_executions.llm_provider is 'Provider of the model; null for an execution without a model.';
comment on column agent_executions.llm_model is 'The provider''s name of the model; null for an execution without a model.';
comment on column agent_executions.started_at is 'When a worker took it; null until then.';
comment on column agent_executions.completed_at is 'When it ended, whatever its status; null until then.';

comment on table agent_checkpoints is 'States from which an interrupted execution can resume. The newest one counts.';
comment on column agent_checkpoints.checkpoint_data is 'The agent''s own state, in a format that only the agent reads.';

comment on table agent_performance_logs is 'Measurements of single operations in an execution.';
comment on column agent_performance_logs.operation is 'Name of the operation; never blank.';
comment on column agent_performance_logs.duration_ms is 'Milliseconds.';
comment on column agent_performance_logs.memory_used_mb is 'Peak memory of the operation in mebibytes.';
comment on column agent_performance_logs.cpu_usage_percent is 'Percent of one core; above 100 when several cores were busy.';

comment on table agent_configurations is 'A user''s settings for a type of agent, with their history. At most one is active.';
comment on column agent_configurations.user_id is 'Account in user-service. Foreign keys do not reach across databases.';
comment on column agent_configurations.is_active is 'True for at most one row per user and agent type.';
comment on column agent_configurations.agent_type is 'Type of agent that uses the settings.';
comment on column agent_configurations.configuration is 'The settings, in the agent''s own format; {} keeps all defaults.';
comment on column agent_configurations.version is 'Counts up from 1 for each user and agent type.';
