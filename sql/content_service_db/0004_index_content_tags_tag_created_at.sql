-- migrate: no-transaction
-- A page of content with a tag, newest first; a common tag is on a hundred thousand pieces.
create index concurrently content_tags_tag_created_at_idx on content_tags (tag, created_at);
