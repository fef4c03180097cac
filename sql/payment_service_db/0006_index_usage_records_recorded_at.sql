-- migrate: no-transaction
-- Usage of everybody in a span of time. Rows are added in order of time and never deleted, which is
-- what a BRIN index of a few pages needs.
create index concurrently usage_records_recorded_at_idx on usage_records
using brin (recorded_at) with (pages_per_range = 16, autosummarize = on);
