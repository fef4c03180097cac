create table invoices (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  subscription_id uuid,
  -- Compared byte by byte, so that the index finds the highest number of a year by its prefix under
  -- any collation of the database.
  invoice_number text collate "C" not null,
  status text not null default 'DRAFT',
  amount_due_usd numeric(12, 2) not null,
  amount_paid_usd numeric(12, 2) not null default 0,
  currency text not null default 'USD',
  line_items jsonb not null default '[]',
  due_date date,
  paid_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint invoices_pkey primary key (id),
  -- Invoices are kept for years: a subscription with invoices cannot be deleted, only canceled.
  constraint invoices_subscription_id_fkey
    foreign key (subscription_id) references subscriptions (id) on delete restrict,
  constraint invoices_invoice_number_key unique (invoice_number),
  constraint invoices_status_check
    check (status in ('DRAFT', 'OPEN', 'PAID', 'VOID', 'UNCOLLECTIBLE')),
  constraint invoices_currency_check check (currency in ('USD', 'EUR', 'GBP', 'JPY')),
  constraint invoices_amount_due_usd_check check (amount_due_usd >= 0),
  constraint invoices_amount_paid_usd_check check (amount_paid_usd >= 0),
  -- PostgreSQL sorts NaN above every other number, so it passes ">= 0". A single NaN turns every
  -- sum into NaN.
  constraint invoices_amount_due_usd_nan_check check (amount_due_usd <> 'NaN'),
  constraint invoices_amount_paid_usd_nan_check check (amount_paid_usd <> 'NaN')
);

create index invoices_user_id_created_at_idx on invoices (user_id, created_at);
create index invoices_subscription_id_idx on invoices (subscription_id);

-- The service sends reminders for open invoices that are overdue.
create index invoices_open_due_date_idx on invoices (due_date)
where status = 'OPEN';

create table billing_addresses (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  line1 text not null,
  line2 text,
  city text not null,
  state text,
  postal_code text,
  country text not null,
  updated_at timestamptz not null default now(),
  constraint billing_addresses_pkey primary key (id),
  constraint billing_addresses_user_id_key unique (user_id),
  constraint billing_addresses_line1_check check (not is_blank(line1)),
  constraint billing_addresses_city_check check (not is_blank(city)),
  constraint billing_addresses_country_check check (country ~ '^[A-Z]{2}$')
);

create table payment_analytics (
  id uuid not null default gen_random_uuid(),
  metric_name text not null,
  metric_value numeric(18, 4) not null,
  dimensions jsonb not null default '{}',
  recorded_date date not null,
  created_at timestamptz not null default now(),
  constraint payment_analytics_pkey primary key (id),
  constraint payment_analytics_metric_name_check check (not is_blank(metric_name)),
  constraint payment_analytics_metric_value_nan_check check (metric_value <> 'NaN')
);

create index payment_analytics_metric_name_recorded_date_idx
on payment_analytics (metric_name, recorded_date);
