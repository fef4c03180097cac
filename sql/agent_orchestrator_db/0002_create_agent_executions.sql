-- A stage can have several executions: each retry is a new row.
create table agent_executions (
  id uuid not null default gen_random_uuid(),
  session_id uuid not null,
  agent_type text not null,
  stage_number integer not null,
  status text not null default 'PENDING',
  input_data jsonb,
  output_data jsonb,
  error_message text,
  llm_provider text,
  llm_model text,
  tokens_used integer,
  cost_usd numeric(12, 6),
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  constraint agent_executions_pkey primary key (id),
  constraint agent_executions_session_id_fkey
    foreign key (session_id) references learning_sessions (id) on delete cascade,
  constraint agent_executions_agent_type_check
    check (
      agent_type in (
        'RESEARCH',
        'VERIFICATION',
        'DECOMPOSITION',
        'STRUCTURING',
        'CONTENT_GENERATION',
        'VALIDATION',
        'SYNTHESIS',
        'LEARNING_EXPERIENCE'
      )
    ),
  constraint agent_executions_stage_number_check check (stage_number between 1 and 8),
  constraint agent_executions_status_check
    check (status in ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED')),
  constraint agent_executions_llm_provider_check check (not is_blank(llm_provider)),
  constraint agent_executions_llm_model_check check (not is_blank(llm_model)),
  constraint agent_executions_tokens_used_check check (tokens_used >= 0),
  constraint agent_executions_cost_usd_check check (cost_usd >= 0),
  -- PostgreSQL sorts NaN above every other number, so it passes ">= 0". A single NaN turns every
  -- sum into NaN.
  constraint agent_executions_cost_usd_nan_check check (cost_usd <> 'NaN')
);

-- Each change of an execution's status recomputes the session's progress, stage by stage.
create index agent_executions_session_id_stage_number_idx
on agent_executions (session_id, stage_number);

-- Workers take pending executions in order, and watch for running ones that hang.
create index agent_executions_unfinished_idx on agent_executions (status, created_at)
where status in ('PENDING', 'RUNNING');

create table agent_checkpoints (
  id uuid not null default gen_random_uuid(),
  execution_id uuid not null,
  checkpoint_data jsonb not null,
  created_at timestamptz not null default now(),
  constraint agent_checkpoints_pkey primary key (id),
  constraint agent_checkpoints_execution_id_fkey
    foreign key (execution_id) references agent_executions (id) on delete cascade
);

-- A resumed execution asks for its latest checkpoint.
create index agent_checkpoints_execution_id_created_at_idx
on agent_checkpoints (execution_id, created_at);

-- For the deletion of old checkpoints.
create index agent_checkpoints_created_at_idx on agent_checkpoints (created_at);

create table agent_performance_logs (
  id uuid not null default gen_random_uuid(),
  execution_id uuid not null,
  operation text not null,
  duration_ms bigint not null,
  memory_used_mb numeric(12, 2),
  cpu_usage_percent numeric(7, 2),
  recorded_at timestamptz not null default now(),
  constraint agent_performance_logs_pkey primary key (id),
  constraint agent_performance_logs_execution_id_fkey
    foreign key (execution_id) references agent_executions (id) on delete cascade,
  constraint agent_performance_logs_operation_check check (not is_blank(operation)),
  constraint agent_performance_logs_duration_ms_check check (duration_ms >= 0),
  constraint agent_performance_logs_memory_used_mb_check check (memory_used_mb >= 0),
  constraint agent_performance_logs_cpu_usage_percent_check check (cpu_usage_percent >= 0),
  constraint agent_performance_logs_memory_used_mb_nan_check check (memory_used_mb <> 'NaN'),
  constraint agent_performance_logs_cpu_usage_percent_nan_check check (cpu_usage_percent <> 'NaN')
)
-- Vacuum after 2 % of the rows instead of 20 %: it marks new pages for index-only scans and frees
-- the space of deleted rows before the table grows. Analyze as often, because a plan for the last
-- hour must know that the hour has rows.
with (
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02
);

create index agent_performance_logs_execution_id_idx on agent_performance_logs (execution_id);

-- The rows of one operation are scattered over the table. With the duration in the index, its speed
-- is computed without reading them.
create index agent_performance_logs_operation_recorded_at_duration_ms_idx
on agent_performance_logs (operation, recorded_at) include (duration_ms);

-- For the deletion of old logs.
create index agent_performance_logs_recorded_at_idx on agent_performance_logs (recorded_at);
