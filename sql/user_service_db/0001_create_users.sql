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
  constraint users_email_key unique (email),
  constraint users_email_check check (email ~ '^[^\s@]+@[^\s@]+$'),
  constraint users_password_hash_check check (not is_blank(password_hash))
);

-- Ann@example.com and ann@example.com are one mailbox and must not become two accounts. ORMs write
-- `where email = $1` and `on conflict (email)`, which need the constraint above and cannot use this
-- index. citext would need only one index, but it adds an extension with 40 functions to the
-- schema. A case-insensitive collation does not support LIKE.
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
  -- A grant outlives the account that made it.
  constraint user_roles_granted_by_fkey
    foreign key (granted_by) references users (id) on delete set null,
  constraint user_roles_role_check
    check (role in ('FREE_USER', 'PRO_USER', 'ENTERPRISE_USER', 'ADMIN', 'SUPER_ADMIN'))
);

-- A user holds a role at most once, so that one revocation is enough. A role that expired but was
-- not revoked still counts as held: granting it again renews its row through `on conflict`. The
-- condition cannot contain the expiry, because an index does not know the current time.
create unique index user_roles_one_active_key on user_roles (user_id, role)
where revoked_at is null;

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
  constraint user_preferences_user_id_preference_key_key unique (user_id, preference_key),
  constraint user_preferences_preference_key_check check (not is_blank(preference_key))
);
