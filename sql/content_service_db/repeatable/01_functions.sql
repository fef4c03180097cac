-- Bodies name the schema of every table: they run under the search_path of whoever writes a row.

-- The clock and not now(): a transaction that began earlier but writes later must not set the time
-- back.
create or replace function update_updated_at_column() returns trigger
language plpgsql
volatile
as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end;
$$;

create or replace function update_content_search_index() returns trigger
language plpgsql
volatile
as $$
declare
  asked constant text := lower(new.content_data ->> 'language');
  configuration regconfig := 'pg_catalog.english';
  configuration_name text := 'english';
  vector tsvector;
begin
  if asked <> configuration_name then
    select c.oid, c.cfgname into configuration, configuration_name
    from pg_catalog.pg_ts_config c
    where c.cfgname = asked
      and c.cfgnamespace in ('pg_catalog'::regnamespace, 'public'::regnamespace)
    order by c.cfgnamespace = 'pg_catalog'::regnamespace desc
    limit 1;
    if not found then
      configuration := 'pg_catalog.english';
      configuration_name := 'english';
    end if;
  end if;

  begin
    vector := setweight(to_tsvector(configuration, new.title), 'A')
      || setweight(jsonb_to_tsvector(configuration, new.content_data, '["string"]'), 'B');
  exception
    -- A tsvector holds 1 MiB at most. Content is worth more than its search entry.
    when program_limit_exceeded then
      raise warning 'content % has too many words for the search index: only its title is found',
        new.id;
      vector := setweight(to_tsvector(configuration, left(new.title, 1000)), 'A');
  end;

  insert into public.content_search_index as entry (content_id, search_vector, language, updated_at)
  values (new.id, vector, configuration_name, clock_timestamp())
  on conflict (content_id) do update
  set
    search_vector = excluded.search_vector,
    language = excluded.language,
    updated_at = excluded.updated_at;

  return null;
end;
$$;

-- A connection keeps the plans of the queries below. Those made while the tables were small would
-- read them from end to end for each row later on; without that, there are only the indexes. And
-- because an array may be of any length, a new plan for the one at hand seems worth its while each
-- time, when making it takes ten times as long as the query.
create or replace function calculate_average_rating() returns trigger
language plpgsql
volatile
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  rated uuid[];
  today date;
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct n.content_id) into rated from new_rows n;
  elsif tg_op = 'DELETE' then
    select array_agg(distinct o.content_id) into rated from old_rows o;
  else
    select array_agg(distinct changed.content_id) into rated
    from (
      (
        select o.id, o.content_id, o.rating from old_rows o
        except
        select n.id, n.content_id, n.rating from new_rows n
      )
      union all
      (
        select n.id, n.content_id, n.rating from new_rows n
        except
        select o.id, o.content_id, o.rating from old_rows o
      )
    ) changed;
  end if;

  if rated is null then
    return null;
  end if;

  -- Those who rate the same content take turns here, so the last one counts all ratings. In the
  -- order of ids, or two statements that rate the same two would wait for each other; NO KEY,
  -- because each already holds the foreign key's lock on the row. Content that is being deleted is
  -- not found any more, and its ratings go without a trace.
  perform 1
  from public.generated_content c
  where c.id = any (rated)
  order by c.id
  for no key update;

  -- The clock, after the wait: a transaction that began before midnight must not leave its rating
  -- out of a day that another has already written.
  today := (clock_timestamp() at time zone 'UTC')::date;

  insert into public.content_analytics as day (content_id, metric_name, metric_value, metric_date)
  select c.id, metric.name, metric.value, today
  from public.generated_content c
  cross join lateral (
    select count(*) as ratings, avg(f.rating) as average
    from public.content_feedback f
    where f.content_id = c.id
  ) total
  cross join lateral (
    values ('average_rating', round(total.average, 4)), ('rating_count', total.ratings::numeric)
  ) metric (name, value)
  where c.id = any (rated)
    and metric.value is not null
  on conflict (content_id, metric_name, metric_date) do update
  set metric_value = excluded.metric_value;

  -- Without ratings there is no average; rating_count says 0.
  if tg_op <> 'INSERT' then
    delete from public.content_analytics day
    where day.content_id = any (rated)
      and day.metric_name = 'average_rating'
      and day.metric_date = today
      and not exists (
        select from public.content_feedback f where f.content_id = day.content_id
      );
  end if;

  return null;
end;
$$;
