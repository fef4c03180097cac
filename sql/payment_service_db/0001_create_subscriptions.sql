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

create table subscriptions (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  plan_type text not null,
  status text not null default 'ACTIVE',
  billing_cycle text not null default 'MONTHLY',
  price_usd numeric(12, 2) not null default 0,
  currency text not null default 'USD',
  features jsonb not null default '{}',
  limits jsonb not null default '{}',
  trial_ends_at timestamptz,
  current_period_start timestamptz,
  current_period_end timestamptz,
  cancel_at_period_end boolean not null default false,
  canceled_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint subscriptions_pkey primary key (id),
  constraint subscriptions_plan_type_check
    check (plan_type in ('FREE', 'PRO', 'ENTERPRISE', 'CUSTOM')),
  constraint subscriptions_status_check
    check (status in ('ACTIVE', 'CANCELED', 'PAST_DUE', 'UNPAID', 'TRIALING')),
  constraint subscriptions_billing_cycle_check
    check (billing_cycle in ('MONTHLY', 'YEARLY', 'LIFETIME')),
  constraint subscriptions_currency_check check (currency in ('USD', 'EUR', 'GBP', 'JPY')),
  constraint subscriptions_price_usd_check check (price_usd >= 0),
  -- PostgreSQL sorts NaN above every other number, so it passes ">= 0". A single NaN turns every
  -- sum into NaN.
  constraint subscriptions_price_usd_nan_check check (price_usd <> 'NaN')
);

-- Guarantees one active subscription per user, even when payments of two subscriptions succeed at
-- once.
create unique index subscriptions_one_active_key on subscriptions (user_id)
where status in ('ACTIVE', 'TRIALING');

create index subscriptions_user_id_idx on subscriptions (user_id);

-- The service looks for renewals and expiries by the end of the period.
create index subscriptions_current_period_end_idx on subscriptions (current_period_end)
where status in ('ACTIVE', 'TRIALING', 'PAST_DUE');

create table usage_records (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  subscription_id uuid,
  metric_name text not null,
  quantity numeric(18, 6) not null,
  unit text not null,
  recorded_at timestamptz not null default now(),
  billing_period_start timestamptz not null,
  billing_period_end timestamptz not null,
  constraint usage_records_pkey primary key (id),
  -- Invoices are based on usage: a subscription with usage cannot be deleted, only canceled.
  constraint usage_records_subscription_id_fkey
    foreign key (subscription_id) references subscriptions (id) on delete restrict,
  constraint usage_records_metric_name_check check (not is_blank(metric_name)),
  constraint usage_records_unit_check check (not is_blank(unit)),
  constraint usage_records_quantity_check check (quantity >= 0),
  constraint usage_records_billing_period_check check (billing_period_end > billing_period_start),
  constraint usage_records_quantity_nan_check check (quantity <> 'NaN')
)
-- Rows are only ever added. Vacuum after 2 % of the rows instead of 20 %, also because vacuum tells
-- the BRIN index about new pages. Analyze as often, because a plan for yesterday must know that
-- yesterday has rows.
with (
  autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02
);

create index usage_records_user_id_recorded_at_idx on usage_records (user_id, recorded_at);

-- An invoice sums up one subscription's metrics for one period.
create index usage_records_subscription_id_billing_period_start_idx
on usage_records (subscription_id, billing_period_start, metric_name);

-- The usage of all users in a span of time. Rows arrive in the order of time and are never deleted,
-- so a BRIN index of a few pages is enough.
create index usage_records_recorded_at_idx on usage_records
using brin (recorded_at) with (pages_per_range = 16, autosummarize = on);
