-- Whoever can read a table of clear tokens is every user in it. The check cannot know a hash from a
-- token that looks like one, but a service that forgets to hash fails on its first login. It fails
-- here, too, where clear tokens are stored already: end those sessions and requests first.
alter table user_sessions
  add constraint user_sessions_session_token_check check (session_token ~ '^[0-9a-f]{64}$'),
  add constraint user_sessions_refresh_token_check check (refresh_token ~ '^[0-9a-f]{64}$');

alter table password_reset_tokens
  add constraint password_reset_tokens_token_check check (token ~ '^[0-9a-f]{64}$');

alter table email_verification_tokens
  add constraint email_verification_tokens_token_check check (token ~ '^[0-9a-f]{64}$');
