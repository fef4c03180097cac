-- Whether a text has no visible character. Checks refuse such a text where it identifies a row or
-- says what the row is about. The pattern lists the spaces that \s does not cover, and characters
-- without width.
create function is_blank(value text) returns boolean
language sql
immutable
parallel safe
as $$
  select value ~ '^[\s\u0085\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]*$';
$$;

create table learning_sessions (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  topic text not null,
  status text not null default 'PENDING',
  estimated_duration_minutes integer,
  actual_duration_minutes integer,
  quality_score numeric(5, 4),
  cost_usd numeric(12, 6),
  created_at timestamptz not null default now(),
  completed_at timestamptz,
  constraint learning_sessions_pkey primary key (id),
  constraint learning_sessions_topic_check check (not is_blank(topic)),
  constraint learning_sessions_status_check
    check (status in ('PENDING', 'IN_PROGRESS', 'COMPLETED', 'FAILED', 'CANCELLED')),
  constraint learning_sessions_estimated_duration_minutes_check
    check (estimated_duration_minutes >= 0),
  constraint learning_sessions_actual_duration_minutes_check check (actual_duration_minutes >= 0),
  constraint learning_sessions_quality_score_check check (quality_score between 0 and 1),
  constraint learning_sessions_cost_usd_check check (cost_usd >= 0),
  -- PostgreSQL sorts NaN above every other number, so it passes ">= 0". A single NaN turns every
  -- sum into NaN.
  constraint learning_sessions_cost_usd_nan_check check (cost_usd <> 'NaN')
);

create index learning_sessions_user_id_created_at_idx on learning_sessions (user_id, created_at);

-- Orchestrators look for unfinished sessions. Most sessions are finished and stay out of the index.
create index learning_sessions_unfinished_idx on learning_sessions (created_at)
where status in ('PENDING', 'IN_PROGRESS');

create table session_metrics (
  id uuid not null default gen_random_uuid(),
  session_id uuid not null,
  metric_name text not null,
  metric_value numeric(18, 6) not null,
  metric_unit text,
  recorded_at timestamptz not null default now(),
  constraint session_metrics_pkey primary key (id),
  constraint session_metrics_session_id_fkey
    foreign key (session_id) references learning_sessions (id) on delete cascade,
  constraint session_metrics_metric_name_check check (not is_blank(metric_name)),
  constraint session_metrics_metric_unit_check check (not is_blank(metric_unit)),
  constraint session_metrics_metric_value_nan_check check (metric_value <> 'NaN')
)
-- Vacuum after 2 % of the rows instead of 20 %: it marks new pages for index-only scans and frees
-- the space of deleted rows before the table grows. Analyze as often, because a plan for the last
-- hour must know that the hour has rows.
with (
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02
);

create index session_metrics_session_id_metric_name_idx on session_metrics (session_id, metric_name);

-- For the deletion of old metrics.
create index session_metrics_recorded_at_idx on session_metrics (recorded_at);
