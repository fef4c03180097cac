-- Apart from 0011, so that writers do not wait for the rows to be read.
alter table content_analytics validate constraint content_analytics_metric_value_nan_check;
