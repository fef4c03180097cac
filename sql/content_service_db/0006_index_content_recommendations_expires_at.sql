-- migrate: no-transaction
-- Expired recommendations are deleted by their end.
create index concurrently content_recommendations_expires_at_idx
on content_recommendations (expires_at)
where expires_at is not null;
