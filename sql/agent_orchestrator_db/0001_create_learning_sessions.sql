-- What has no visible character is no value: checks refuse it where a text tells one row from another
-- or names what a row is about. Spaces that a pattern's \s leaves out are listed, as are characters
-- of no width.
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
  constraint learning_sessions_cost_usd_check check (cost_usd >= 0)
);

create index learning_sessions_user_id_created_at_idx on learning_sessions (user_id, created_at);

-- Orchestrators look for unfinished work; finished sessions, the bulk, stay out of the index.
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
  constraint session_metrics_metric_unit_check check (not is_blank(metric_unit))
);

create index session_metrics_session_id_metric_name_idx on session_metrics (session_id, metric_name);
