-- migrate: no-transaction
-- content_tags_tag_created_at_idx begins with the same column.
drop index concurrently content_tags_tag_idx;
