-- migrate: no-transaction
-- Old values are deleted by their day. The ratings stay: on days without a rating, the last earlier
-- one holds.
create index concurrently content_analytics_expiring_idx on content_analytics (metric_date)
where metric_name not in ('average_rating', 'rating_count');
