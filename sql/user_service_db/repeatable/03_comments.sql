comment on function update_updated_at_column() is
  'Trigger function: sets updated_at to the time of a change. Its triggers skip updates that change nothing.';
comment on function is_blank(text) is
  'Whether a text has no visible character, for checks on texts that name or tell apart.';

comment on table users is 'One row per account.';
comment on column users.email is 'One mailbox with one @. Unique without regard to case; kept as the person wrote it. lower(email) = lower($1) finds an account however its email was typed, email = $1 as it was written only; each has an index. on conflict (email) meets the same spelling; another spelling of it is refused (23505).';
comment on column users.password_hash is 'Output of the service''s password hash, salt and parameters included. Never a password, never blank.';

comment on table user_roles is 'Roles granted to accounts. A role counts while it is neither revoked nor expired.';
comment on column user_roles.expires_at is 'The role ends by itself at this time; null means it does not.';
comment on column user_roles.granted_by is 'Null when the system granted the role, or when the granting account is gone.';
comment on column user_roles.revoked_at is 'Set when the role is taken away; the row stays as its history.';
comment on column user_roles.role is 'From FREE_USER, the least, to SUPER_ADMIN. A user has a role once: a row that is not revoked is renewed, not added to.';

comment on table user_preferences is 'One value per user and key.';
comment on column user_preferences.preference_key is 'Never blank; the value may be.';

comment on table user_sessions is 'Signed-in sessions. Rows go with their account.';
comment on column user_sessions.session_token is 'Lower-case hex of the SHA-256 of the token''s bytes as the client sends them, 64 characters; the token itself is never stored. Make it from at least 32 random bytes, and not of 64 hex digits itself, which the check could not tell from its hash. No salt or slow hash is needed for random bytes, and a lookup needs none.';
comment on column user_sessions.refresh_token is 'Hashed like session_token; null for a session that cannot be renewed.';
comment on column user_sessions.ip_address is 'Address the session was opened from; null where it is not known.';
comment on column user_sessions.user_agent is 'As the client named itself; null where it did not.';

comment on table password_reset_tokens is 'Requests to set a new password. A token works once, until it expires.';
comment on column password_reset_tokens.token is 'Hashed like user_sessions.session_token; the token itself is only in the mail.';
comment on column password_reset_tokens.used_at is 'Set when the token was used; it is worthless from then on.';

comment on table email_verification_tokens is 'Proofs that an account''s mailbox is its owner''s. A token works once, until it expires.';
comment on column email_verification_tokens.token is 'Hashed like user_sessions.session_token; the token itself is only in the mail.';
comment on column email_verification_tokens.verified_at is 'Set when the token was used; it is worthless from then on.';
