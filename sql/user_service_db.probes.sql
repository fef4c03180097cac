-- What npm run verify runs as the role of the application, each probe in a transaction that is rolled
-- back. The last statement of a probe returns true if the object works. See docs/verify.md.

-- probe: function is_blank(value text)
select is_blank(e' \t\u00a0') and not is_blank(' a ');

-- probe: function check_batch(older_than interval, batch_size integer)
do $$
begin
  perform check_batch('-1 day', 1);
  raise exception 'a negative age is accepted';
exception
  when invalid_parameter_value then null;
end;
$$;
select check_batch('1 day', 1) is not null;

-- probe: function delete_expired_sessions(older_than interval, batch_size integer)
with added as (
  insert into users (email, password_hash, first_name, last_name)
  values (gen_random_uuid() || '@verify.invalid', 'x', 'x', 'x')
  returning id
)
insert into user_sessions (user_id, session_token, expires_at)
select id, md5(id::text) || md5(id::text), '1000-01-01' from added;
-- Nothing else is that old, so that no row of a service is touched.
select delete_expired_sessions('900 years', 1) = 1;

-- probe: function delete_expired_password_reset_tokens(older_than interval, batch_size integer)
with added as (
  insert into users (email, password_hash, first_name, last_name)
  values (gen_random_uuid() || '@verify.invalid', 'x', 'x', 'x')
  returning id
)
insert into password_reset_tokens (user_id, token, expires_at)
select id, md5(id::text) || md5(id::text), '1000-01-01' from added;
select delete_expired_password_reset_tokens('900 years', 1) = 1;

-- probe: function delete_expired_email_verification_tokens(older_than interval, batch_size integer)
with added as (
  insert into users (email, password_hash, first_name, last_name)
  values (gen_random_uuid() || '@verify.invalid', 'x', 'x', 'x')
  returning id
)
insert into email_verification_tokens (user_id, token, expires_at)
select id, md5(id::text) || md5(id::text), '1000-01-01' from added;
select delete_expired_email_verification_tokens('900 years', 1) = 1;

-- probe: trigger users_set_updated_at on users
insert into users (email, password_hash, first_name, last_name)
values (pg_backend_pid() || '@verify.invalid', 'x', 'x', 'x');
update users set first_name = 'y' where email = pg_backend_pid() || '@verify.invalid';
-- now() is when the transaction began.
select updated_at > now() from users where email = pg_backend_pid() || '@verify.invalid';

-- probe: trigger user_preferences_set_updated_at on user_preferences
with added as (
  insert into users (email, password_hash, first_name, last_name)
  values (pg_backend_pid() || '@verify.invalid', 'x', 'x', 'x')
  returning id
)
insert into user_preferences (user_id, preference_key, preference_value)
select id, 'verify', 'x' from added;
update user_preferences set preference_value = 'y'
where user_id = (select id from users where email = pg_backend_pid() || '@verify.invalid');
select updated_at > now() from user_preferences
where user_id = (select id from users where email = pg_backend_pid() || '@verify.invalid');
