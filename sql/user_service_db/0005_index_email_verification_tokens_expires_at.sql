-- migrate: no-transaction
-- Expired tokens are deleted by their end.
create index concurrently email_verification_tokens_expires_at_idx
on email_verification_tokens (expires_at);
