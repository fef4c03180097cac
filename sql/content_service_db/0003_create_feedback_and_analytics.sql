create table content_feedback (
  id uuid not null default gen_random_uuid(),
  content_id uuid not null,
  user_id uuid not null,
  rating integer not null,
  feedback_text text,
  created_at timestamptz not null default now(),
  constraint content_feedback_pkey primary key (id),
  constraint content_feedback_content_id_fkey
    foreign key (content_id) references generated_content (id) on delete cascade,
  constraint content_feedback_content_id_user_id_key unique (content_id, user_id),
  constraint content_feedback_rating_check check (rating between 1 and 5)
);

create index content_feedback_user_id_idx on content_feedback (user_id);

-- One row holds one metric of one content for one day. The rating trigger upserts on that key:
-- without it, every rating fails.
create table content_analytics (
  id uuid not null default gen_random_uuid(),
  content_id uuid not null,
  metric_name text not null,
  metric_value numeric(18, 4) not null,
  metric_date date not null,
  created_at timestamptz not null default now(),
  constraint content_analytics_pkey primary key (id),
  constraint content_analytics_content_id_fkey
    foreign key (content_id) references generated_content (id) on delete cascade,
  constraint content_analytics_content_id_metric_name_metric_date_key
    unique (content_id, metric_name, metric_date),
  constraint content_analytics_metric_name_check check (not is_blank(metric_name)),
  constraint content_analytics_metric_value_check check (metric_value >= 0),
  -- PostgreSQL sorts NaN above every other number, so it passes ">= 0". A single NaN turns every
  -- sum into NaN.
  constraint content_analytics_metric_value_nan_check check (metric_value <> 'NaN')
)
-- Each rating updates the rows of its day. With free space in the page, the new versions stay there
-- and no index is written.
with (fillfactor = 90);

-- Dashboards read one metric of all content for a span of days.
create index content_analytics_metric_name_metric_date_idx
on content_analytics (metric_name, metric_date);

-- For the deletion of old values. Ratings stay: on a day without a rating, the last earlier value
-- holds.
create index content_analytics_expiring_idx on content_analytics (metric_date)
where metric_name not in ('average_rating', 'rating_count');

create table content_recommendations (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  content_id uuid not null,
  recommendation_score numeric(5, 4) not null,
  recommendation_reason text,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  constraint content_recommendations_pkey primary key (id),
  constraint content_recommendations_content_id_fkey
    foreign key (content_id) references generated_content (id) on delete cascade,
  constraint content_recommendations_user_id_content_id_key unique (user_id, content_id),
  constraint content_recommendations_recommendation_score_check
    check (recommendation_score between 0 and 1)
);

-- No index on (user_id, recommendation_score): a user has a few dozen recommendations, which the
-- unique key on (user_id, content_id) finds. Sorting them costs less than an index that every new
-- score would write.
create index content_recommendations_content_id_idx on content_recommendations (content_id);

-- For the deletion of expired recommendations.
create index content_recommendations_expires_at_idx on content_recommendations (expires_at)
where expires_at is not null;
