-- Rows are only added. Vacuum after 2 % of them instead of 20, also so that the BRIN index knows the
-- newest pages, and analyze as often: a plan for yesterday needs to know that there was one.
alter table usage_records set (
  autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02
);
