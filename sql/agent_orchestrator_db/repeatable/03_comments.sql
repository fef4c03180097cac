comment on function update_updated_at_column() is
  'Trigger function: sets updated_at to the time of a change. Its triggers skip updates that change nothing.';
comment on function update_session_progress() is
  'Trigger function: derives a session''s status from its executions. COMPLETED once stages 1 to 8 each have a COMPLETED execution; FAILED by a FAILED execution of a stage without a COMPLETED one; a FAILED session goes on when a retry runs or completes in each stage that failed; CANCELLED stays. All workers must use the same isolation level: one at read committed and one above would each miss what the other completes at the same moment.';
comment on function is_blank(text) is
  'Whether a text has no visible character, for checks on texts that name or tell apart.';

comment on table learning_sessions is 'A user''s request to learn a topic, carried out by agents in eight stages.';
comment on column learning_sessions.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column learning_sessions.topic is 'What the user wants to learn; never blank.';
comment on column learning_sessions.status is 'Kept by update_session_progress; a service sets it by hand only to cancel.';
comment on column learning_sessions.estimated_duration_minutes is 'Minutes.';
comment on column learning_sessions.actual_duration_minutes is 'Minutes from created_at to completed_at, rounded; null unless COMPLETED.';
comment on column learning_sessions.quality_score is 'From 0 (worst) to 1 (best).';
comment on column learning_sessions.cost_usd is 'US dollars, to a millionth: one call of a model may cost less than a cent.';
comment on column learning_sessions.completed_at is 'Time of the last stage''s completion; null unless COMPLETED.';

comment on table session_metrics is 'Measurements of a session as a whole.';
comment on column session_metrics.metric_name is 'Never blank.';
comment on column session_metrics.metric_unit is 'Unit of metric_value, for instance "ms" or "tokens"; null for a plain number.';
comment on column session_metrics.metric_value is 'In the unit of metric_unit.';

comment on table agent_executions is 'One run of one agent in a session. A retry is a new row of the same stage.';
comment on column agent_executions.stage_number is 'Stage of the session, 1 to 8.';
comment on column agent_executions.tokens_used is 'Tokens of prompt and answer together.';
comment on column agent_executions.cost_usd is 'US dollars, to a millionth.';
comment on column agent_executions.agent_type is 'The agent that works; its stage is in stage_number.';
comment on column agent_executions.status is 'PENDING until a worker takes it, RUNNING until it has COMPLETED, FAILED or CANCELLED, which are final: a retry is a new row.';
comment on column agent_executions.input_data is 'What the agent was given; null when it needs nothing.';
comment on column agent_executions.output_data is 'What the agent made; null until it has COMPLETED.';
comment on column agent_executions.error_message is 'Why it FAILED; null otherwise.';
comment on column agent_executions.llm_provider is 'Who runs the model; null for an execution that asks none.';
comment on column agent_executions.llm_model is 'The model as its provider names it; null for an execution that asks none.';
comment on column agent_executions.started_at is 'Null until a worker has taken it.';
comment on column agent_executions.completed_at is 'When it ended, well or not; null until then.';

comment on table agent_checkpoints is 'States that a broken-off execution can be resumed from; the newest counts.';
comment on column agent_checkpoints.checkpoint_data is 'The agent''s own state, in a form that only the agent reads.';

comment on table agent_performance_logs is 'Measurements of single operations inside an execution.';
comment on column agent_performance_logs.operation is 'What was done; never blank.';
comment on column agent_performance_logs.duration_ms is 'Milliseconds.';
comment on column agent_performance_logs.memory_used_mb is 'Mebibytes at the operation''s peak.';
comment on column agent_performance_logs.cpu_usage_percent is 'Percent of one core; above 100 when several were busy.';

comment on table agent_configurations is 'A user''s settings for a type of agent, with their history. At most one is active.';
comment on column agent_configurations.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column agent_configurations.is_active is 'At most one row per user and agent type is true.';
comment on column agent_configurations.agent_type is 'The type of agent that the settings are for.';
comment on column agent_configurations.configuration is 'The settings, in the form that the agent defines; {} leaves all at their defaults.';
comment on column agent_configurations.version is 'Counts up from 1 for a user and agent type.';
