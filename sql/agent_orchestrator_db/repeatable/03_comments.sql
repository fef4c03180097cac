comment on function update_updated_at_column() is
  'Trigger function: sets updated_at to the time of a change. Its triggers skip updates that change nothing.';
comment on function update_session_progress() is
  'Trigger function: derives a session''s status from its executions. COMPLETED once stages 1 to 8 each have a COMPLETED execution; FAILED while a stage has a FAILED one and no COMPLETED one; a FAILED session goes back when a retry completes; CANCELLED stays.';

comment on table learning_sessions is 'A user''s request to learn a topic, carried out by agents in eight stages.';
comment on column learning_sessions.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column learning_sessions.status is 'Kept by update_session_progress; a service sets it by hand only to cancel.';
comment on column learning_sessions.estimated_duration_minutes is 'Minutes.';
comment on column learning_sessions.actual_duration_minutes is 'Minutes from created_at to completed_at, rounded; null unless COMPLETED.';
comment on column learning_sessions.quality_score is 'From 0 (worst) to 1 (best).';
comment on column learning_sessions.cost_usd is 'US dollars, to a millionth: one call of a model may cost less than a cent.';
comment on column learning_sessions.completed_at is 'Time of the last stage''s completion; null unless COMPLETED.';

comment on table session_metrics is 'Measurements of a session as a whole.';
comment on column session_metrics.metric_unit is 'Unit of metric_value, for instance "ms" or "tokens"; null for a plain number.';

comment on table agent_executions is 'One run of one agent in a session. A retry is a new row of the same stage.';
comment on column agent_executions.stage_number is 'Stage of the session, 1 to 8.';
comment on column agent_executions.tokens_used is 'Tokens of prompt and answer together.';
comment on column agent_executions.cost_usd is 'US dollars, to a millionth.';

comment on table agent_checkpoints is 'States that a broken-off execution can be resumed from; the newest counts.';

comment on table agent_performance_logs is 'Measurements of single operations inside an execution.';
comment on column agent_performance_logs.duration_ms is 'Milliseconds.';
comment on column agent_performance_logs.memory_used_mb is 'Mebibytes at the operation''s peak.';
comment on column agent_performance_logs.cpu_usage_percent is 'Percent of one core; above 100 when several were busy.';

comment on table agent_configurations is 'A user''s settings for a type of agent, with their history. At most one is active.';
comment on column agent_configurations.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column agent_configurations.is_active is 'At most one row per user and agent type is true.';
