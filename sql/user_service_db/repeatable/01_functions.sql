-- Function bodies name the schema of every table, because they run with the caller's search_path.

-- clock_timestamp() instead of now(): a transaction that began earlier but writes later must not
-- set the time back.
create or replace function update_updated_at_column() returns trigger
language plpgsql
volatile
as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end;
$$;
