-- Anyone who can read clear tokens can act as every user, so only their hashes are stored. The
-- checks cannot tell a hash from a token that looks like one, but a service that forgets to hash
-- fails at its first login. Lookups go by the hash: the unique constraints are the indexes of every
-- login.

create table user_sessions (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  session_token text not null,
  refresh_token text,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  last_accessed_at timestamptz not null default now(),
  ip_address inet,
  user_agent text,
  constraint user_sessions_pkey primary key (id),
  constraint user_sessions_user_id_fkey
    foreign key (user_id) references users (id) on delete cascade,
  constraint user_sessions_session_token_key unique (session_token),
  constraint user_sessions_refresh_token_key unique (refresh_token),
  constraint user_sessions_session_token_check check (session_token ~ '^[0-9a-f]{64}$'),
  constraint user_sessions_refresh_token_check check (refresh_token ~ '^[0-9a-f]{64}$')
)
-- Each use of a session updates its row. With free space in the page, the new version stays there
-- and no index is written.
with (fillfactor = 90);

create index user_sessions_user_id_idx on user_sessions (user_id);

-- For the deletion of expired sessions.
create index user_sessions_expires_at_idx on user_sessions (expires_at);

create table password_reset_tokens (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  token text not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null default now(),
  constraint password_reset_tokens_pkey primary key (id),
  constraint password_reset_tokens_user_id_fkey
    foreign key (user_id) references users (id) on delete cascade,
  constraint password_reset_tokens_token_key unique (token),
  constraint password_reset_tokens_token_check check (token ~ '^[0-9a-f]{64}$')
);

create index password_reset_tokens_user_id_idx on password_reset_tokens (user_id);

-- For the deletion of expired tokens.
create index password_reset_tokens_expires_at_idx on password_reset_tokens (expires_at);

create table email_verification_tokens (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  token text not null,
  expires_at timestamptz not null,
  verified_at timestamptz,
  created_at timestamptz not null default now(),
  constraint email_verification_tokens_pkey primary key (id),
  constraint email_verification_tokens_user_id_fkey
    foreign key (user_id) references users (id) on delete cascade,
  constraint email_verification_tokens_token_key unique (token),
  constraint email_verification_tokens_token_check check (token ~ '^[0-9a-f]{64}$')
);

create index email_verification_tokens_user_id_idx on email_verification_tokens (user_id);

-- For the deletion of expired tokens.
create index email_verification_tokens_expires_at_idx on email_verification_tokens (expires_at);
