-- users_email_lower_key refuses whatever this one refuses, and more. Two indexes on every account
-- for one rule are one too many; an account is looked up by `where lower(email) = lower($1)`, and
-- an upsert says `on conflict (lower(email))`.
alter table users drop constraint users_email_key;
