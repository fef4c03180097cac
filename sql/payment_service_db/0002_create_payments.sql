-- Providers' ids are printable ASCII without a space. A blank or padded id is an error of the
-- service that wrote it: a webhook with the correct id would not find the row.

create table payment_methods (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  provider text not null,
  provider_payment_method_id text not null,
  type text not null,
  last_four text,
  brand text,
  exp_month integer,
  exp_year integer,
  is_default boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint payment_methods_pkey primary key (id),
  constraint payment_methods_provider_check
    check (provider in ('STRIPE', 'PAYPAL', 'APPLE_PAY', 'GOOGLE_PAY')),
  constraint payment_methods_provider_payment_method_id_check
    check (provider_payment_method_id ~ '^[!-~]+$'),
  constraint payment_methods_type_check check (type in ('CARD', 'BANK_ACCOUNT', 'DIGITAL_WALLET')),
  -- Also rejects a full card number that is stored by mistake.
  constraint payment_methods_last_four_check check (last_four ~ '^[0-9]{4}$'),
  constraint payment_methods_exp_month_check check (exp_month between 1 and 12),
  constraint payment_methods_exp_year_check check (exp_year between 2000 and 2100)
);

create unique index payment_methods_one_default_key on payment_methods (user_id)
where is_default;

create index payment_methods_user_id_idx on payment_methods (user_id);

create table payment_transactions (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  subscription_id uuid,
  payment_method_id uuid,
  provider text not null,
  provider_transaction_id text not null,
  type text not null,
  status text not null default 'PENDING',
  amount_usd numeric(12, 2) not null,
  currency text not null default 'USD',
  metadata jsonb not null default '{}',
  failure_reason text,
  processed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint payment_transactions_pkey primary key (id),
  -- Payments are kept: a subscription that was paid for cannot be deleted. A user may remove a
  -- card.
  constraint payment_transactions_subscription_id_fkey
    foreign key (subscription_id) references subscriptions (id) on delete restrict,
  constraint payment_transactions_payment_method_id_fkey
    foreign key (payment_method_id) references payment_methods (id) on delete set null,
  -- A webhook that is delivered twice meets this key, so it renews a subscription only once.
  constraint payment_transactions_provider_provider_transaction_id_key
    unique (provider, provider_transaction_id),
  constraint payment_transactions_provider_check
    check (provider in ('STRIPE', 'PAYPAL', 'APPLE_PAY', 'GOOGLE_PAY')),
  constraint payment_transactions_provider_transaction_id_check
    check (provider_transaction_id ~ '^[!-~]+$'),
  constraint payment_transactions_type_check
    check (type in ('PAYMENT', 'REFUND', 'CHARGEBACK', 'ADJUSTMENT')),
  constraint payment_transactions_status_check
    check (status in ('PENDING', 'SUCCEEDED', 'FAILED', 'CANCELED', 'REFUNDED')),
  constraint payment_transactions_currency_check check (currency in ('USD', 'EUR', 'GBP', 'JPY')),
  -- The type determines the direction of the money. Only an adjustment can go both ways.
  constraint payment_transactions_amount_usd_check check (amount_usd >= 0 or type = 'ADJUSTMENT'),
  -- PostgreSQL sorts NaN above every other number, so it passes ">= 0". A single NaN turns every
  -- sum into NaN.
  constraint payment_transactions_amount_usd_nan_check check (amount_usd <> 'NaN')
);

create index payment_transactions_user_id_created_at_idx
on payment_transactions (user_id, created_at);
create index payment_transactions_subscription_id_idx on payment_transactions (subscription_id);
create index payment_transactions_payment_method_id_idx on payment_transactions (payment_method_id);

-- The service asks the provider about payments that stay pending. Most payments are settled.
create index payment_transactions_pending_idx on payment_transactions (created_at)
where status = 'PENDING';

create table payment_webhooks (
  id uuid not null default gen_random_uuid(),
  provider text not null,
  event_type text not null,
  event_id text not null,
  payload jsonb not null,
  processed_at timestamptz,
  error_message text,
  retry_count integer not null default 0,
  created_at timestamptz not null default now(),
  constraint payment_webhooks_pkey primary key (id),
  constraint payment_webhooks_provider_event_id_key unique (provider, event_id),
  constraint payment_webhooks_provider_check
    check (provider in ('STRIPE', 'PAYPAL', 'APPLE_PAY', 'GOOGLE_PAY')),
  constraint payment_webhooks_event_type_check check (event_type ~ '^[!-~]+$'),
  constraint payment_webhooks_event_id_check check (event_id ~ '^[!-~]+$'),
  constraint payment_webhooks_retry_count_check check (retry_count >= 0)
);

-- Workers take unprocessed webhooks, oldest first. Most webhooks are processed.
create index payment_webhooks_unprocessed_idx on payment_webhooks (created_at)
where processed_at is null;

-- For the deletion of processed webhooks.
create index payment_webhooks_processed_at_idx on payment_webhooks (processed_at)
where processed_at is not null;
