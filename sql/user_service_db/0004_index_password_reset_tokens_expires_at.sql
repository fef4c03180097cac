-- migrate: no-transaction
-- Expired tokens are deleted by their end.
create index concurrently password_reset_tokens_expires_at_idx
on password_reset_tokens (expires_at);
