-- migrate: no-transaction
-- A GIN index gives its first match when it has found all of them. A search for common words finds
-- enough in this eighth of the entries and ends there; any other goes on to the rest.
create index concurrently content_search_index_sample_idx
on content_search_index using gin (search_vector) with (gin_pending_list_limit = 512)
where id < '20000000-0000-0000-0000-000000000000';
