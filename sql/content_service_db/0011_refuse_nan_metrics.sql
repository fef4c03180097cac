-- NaN is a number to PostgreSQL, above all others: it passes "not below 0", and one in a table makes
-- every sum over it NaN.
alter table content_analytics
  add constraint content_analytics_metric_value_nan_check check (metric_value <> 'NaN') not valid;
