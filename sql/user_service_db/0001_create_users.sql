create table users (
  id uuid not null default gen_random_uuid(),
  email text not null,
  password_hash text not null,
  first_name text not null,
  last_name text not null,
  email_verified boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_pkey primary key (id),
  constraint users_email_key unique (email)
);

-- Ann@example.com and ann@example.com are one mailbox and must not become two accounts. The
-- constraint above stays for `where email = $1` and `on conflict (email)`, which cannot use this
-- index. citext would serve both, but brings an extension and its 40 functions into the schema.
create unique index users_email_lower_key on users (lower(email));

create table user_roles (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  role text not null,
  granted_at timestamptz not null default now(),
  expires_at timestamptz,
  granted_by uuid,
  revoked_at timestamptz,
  constraint user_roles_pkey primary key (id),
  constraint user_roles_user_id_fkey
    foreign key (user_id) references users (id) on delete cascade,
  -- Whoever granted a role may leave; the grant stays.
  constraint user_roles_granted_by_fkey
    foreign key (granted_by) references users (id) on delete set null,
  constraint user_roles_role_check
    check (role in ('FREE_USER', 'PRO_USER', 'ENTERPRISE_USER', 'ADMIN', 'SUPER_ADMIN'))
);

create index user_roles_user_id_idx on user_roles (user_id);
create index user_roles_granted_by_idx on user_roles (granted_by);

create table user_preferences (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  preference_key text not null,
  preference_value text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint user_preferences_pkey primary key (id),
  constraint user_preferences_user_id_fkey
    foreign key (user_id) references users (id) on delete cascade,
  constraint user_preferences_user_id_preference_key_key unique (user_id, preference_key)
);
