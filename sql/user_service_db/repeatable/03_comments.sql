comment on function update_updated_at_column() is
  'Trigger function: sets updated_at to the time of the change. Its triggers skip updates that change nothing.';
comment on function is_blank(text) is
  'Whether a text has no visible character. Checks use it for texts that identify a row or name something.';

comment on table users is 'One row per account.';
comment on column users.email is 'One mailbox, with exactly one @. Stored as the person typed it, and unique regardless of case. lower(email) = lower($1) finds an account however its email is typed; email = $1 finds only the exact spelling. Each form has an index. "on conflict (email)" matches the same spelling; a different spelling of a taken email fails with 23505.';
comment on column users.password_hash is 'Output of the service''s password hash function, with salt and parameters. Never a password, never blank.';

comment on table user_roles is 'Roles granted to accounts. A role is in force while it is neither revoked nor expired.';
comment on column user_roles.expires_at is 'Time at which the role ends on its own; null for a role without an end.';
comment on column user_roles.granted_by is 'Account that granted the role; null when the system granted it, or when that account was deleted.';
comment on column user_roles.revoked_at is 'Set when the role is revoked; the row stays as history.';
comment on column user_roles.role is 'From FREE_USER (fewest rights) to SUPER_ADMIN. A user has at most one row per role that is not revoked: granting the role again renews that row.';

comment on table user_preferences is 'One value per user and key.';
comment on column user_preferences.preference_key is 'Never blank; the value may be.';

comment on table user_sessions is 'Sessions of signed-in users. They are deleted with their account.';
comment on column user_sessions.session_token is 'SHA-256 of the token''s bytes as the client sends them, as 64 lower-case hex digits. The token itself is never stored. Create it from at least 32 random bytes, and not as 64 hex digits: the check could not tell it from its hash. Random bytes need neither a salt nor a slow hash.';
comment on column user_sessions.refresh_token is 'Hashed like session_token; null for a session that cannot be renewed.';
comment on column user_sessions.ip_address is 'Address from which the session was opened; null when unknown.';
comment on column user_sessions.user_agent is 'The client''s User-Agent header; null when it sent none.';

comment on table password_reset_tokens is 'Requests to set a new password. A token works once, until it expires.';
comment on column password_reset_tokens.token is 'Hashed like user_sessions.session_token; only the email contains the token itself.';
comment on column password_reset_tokens.used_at is 'Set when the token is used; it is invalid from then on.';

comment on table email_verification_tokens is 'Requests to confirm that a mailbox belongs to the account''s owner. A token works once, until it expires.';
comment on column email_verification_tokens.token is 'Hashed like user_sessions.session_token; only the email contains the token itself.';
comment on column email_verification_tokens.verified_at is 'Set when the token is used; it is invalid from then on.';
