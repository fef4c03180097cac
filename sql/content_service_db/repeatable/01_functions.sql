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

-- The letters of languages that put no spaces between words, in the form that fits into the
-- brackets of a regular expression: Thai, Lao, Burmese, Khmer; Japanese kana, Chinese characters
-- and their repetition marks.
create or replace function spaceless_characters() returns text
language sql
immutable
parallel safe
as $$
  select '\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ebd\u0ec0-\u0ece\u1000-\u103f\u1050-\u109f\u1780-\u17d3\u3005-\u3007\u3031-\u3035\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff'::text;
$$;

-- Turns each pair of neighbouring characters of such a language into a word: 机器学 becomes the words
-- for 机器 and 器学. A single character becomes a word as well. All other text stays as it is. Each
-- word is written as the Unicode numbers of its characters, because PostgreSQL's parser ends a word
-- at a Thai vowel sign, and the server's locale decides what the parser takes for a letter. A word
-- of ASCII letters and digits is the same everywhere, and no dictionary changes it.
create or replace function spell_spaceless(value text) returns text
language sql
immutable
parallel safe
as $$
  select case
    -- ASCII is the common case, and this comparison is much cheaper than the regular expression.
    when octet_length(value) = char_length(value) then value
    when value !~ ('[' || public.spaceless_characters() || ']') then value
    else (
      select string_agg(
        case
          when piece.parts[1] is null then piece.parts[2]
          else (
            select ' ' || string_agg(pair.word, ' ' order by pair.place) || ' '
            from (
              select
                letter.place,
                'u' || to_hex(ascii(letter.sign))
                  || coalesce(to_hex(ascii(lead(letter.sign) over (order by letter.place))), '') as word,
                lead(letter.sign) over (order by letter.place) is not null as has_next
              from string_to_table(piece.parts[1], null) with ordinality letter (sign, place)
            ) pair
            where pair.has_next or pair.place = 1
          )
        end,
        '' order by piece.place
      )
      from regexp_matches(
        value,
        '([' || public.spaceless_characters() || ']+)|([^' || public.spaceless_characters() || ']+)',
        'g'
      ) with ordinality piece (parts, place)
    )
  end;
$$;

-- Returns the name of the text search configuration for a language. `language` is the name of a
-- configuration or an ISO 639-1 code, with or without a country or script (de-AT). An unknown
-- language is English.
create or replace function search_language(language text) returns text
language plpgsql
stable
as $$
declare
  asked constant text := lower(btrim(language));
begin
  if asked is null or asked in ('english', 'en') then
    return 'english';
  end if;

  declare
    code constant text := substring(asked from '^([a-z]{2})(?:[-_].*)?$');
    found_name text;
    -- The configurations of PostgreSQL 16.
    configurations constant jsonb := '{
      "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "da": "danish", "nl": "dutch",
      "en": "english", "fi": "finnish", "fr": "french", "de": "german", "el": "greek", "hi": "hindi",
      "hu": "hungarian", "id": "indonesian", "ga": "irish", "it": "italian", "lt": "lithuanian",
      "ne": "nepali", "no": "norwegian", "nb": "norwegian", "nn": "norwegian", "pt": "portuguese",
      "ro": "romanian", "ru": "russian", "sr": "serbian", "es": "spanish", "sv": "swedish",
      "ta": "tamil", "tr": "turkish", "yi": "yiddish"
    }';
    -- The other codes of ISO 639-1, and the names of the most spoken of these languages.
    without_configuration constant text[] := string_to_array(
      'aa ab ae af ak am an as av ay az ba be bg bh bi bm bn bo br bs ce ch co cr cs cu cv cy dv dz ee eo et '
      'fa ff fj fo fy gd gl gn gu gv ha he ho hr ht hz ia ie ig ii ik io is iu ja jv ka kg ki kj kk kl km kn '
      'ko kr ks ku kv kw ky la lb lg li ln lo lu lv mg mh mi mk ml mn mr ms mt my na nd ng nr nv ny oc oj om '
      'or os pa pi pl ps qu rm rn rw sa sc sd se sg sh si sk sl sm sn so sq ss st su sw te tg th ti tk tl tn '
      'to ts tt tw ty ug uk ur uz ve vi vo wa wo xh yo za zh zu '
      'afrikaans albanian amharic azerbaijani belarusian bengali bosnian bulgarian burmese cantonese chinese '
      'croatian czech esperanto estonian filipino galician georgian gujarati hausa hebrew icelandic igbo '
      'japanese javanese kannada kazakh khmer korean lao latin latvian macedonian malay malayalam maltese '
      'mandarin marathi mongolian pashto persian polish punjabi sinhala slovak slovenian somali swahili '
      'tagalog telugu thai ukrainian urdu uzbek vietnamese welsh yoruba zulu',
      ' '
    );
  begin
    select c.cfgname into found_name
    from pg_catalog.pg_ts_config c
    where c.cfgname = coalesce(configurations ->> code, asked)
      and c.cfgnamespace in ('pg_catalog'::regnamespace, 'public'::regnamespace)
    limit 1;

    return case
      when found_name is not null then found_name
      when coalesce(code, asked) = any (without_configuration) then 'simple'
      else 'english'
    end;
  end;
end;
$$;

-- Returns what a search for `words` compares with search_vector. `words` is what people type into a
-- search box: every word must occur, "in this order", this or that, -not this.
--
-- The query also asks for the language, so that a search needs no second condition, whose rows it
-- would read only to throw them away. For that, the search_vector of all content but English holds
-- the lexemes 'language other' and, for instance, 'language german'. English content is the bulk
-- and holds none: a lexeme that most entries have makes each search walk through its long list in
-- the index. No word of a text contains a space. Words that are all written without spaces are
-- found in any language.
create or replace function search_query(language text, words text) returns tsquery
language plpgsql
stable
as $$
declare
  configuration constant text := public.search_language(language);
  spelled text := words;
  in_any_language boolean := false;
  of_words tsquery;
  of_both tsquery;
  operators text;
begin
  -- All of this is about characters beyond ASCII.
  if octet_length(words) > char_length(words) then
    -- A word behind a minus that becomes several words must be a phrase.
    spelled := public.spell_spaceless(
      regexp_replace(
        words,
        '(^|\s)-([^\s"]*[' || public.spaceless_characters() || '][^\s"]*)',
        '\1-"\2"',
        'g'
      )
    );
    in_any_language := words ~ ('[' || public.spaceless_characters() || ']')
      and words !~ ('[^' || public.spaceless_characters() || '[:space:][:punct:]]');
  end if;

  of_words := websearch_to_tsquery(configuration::regconfig, spelled);
  if in_any_language or numnode(of_words) = 0 then
    return of_words;
  end if;

  of_both := of_words && case
    when configuration = 'english' then !!'''language other'''::tsquery
    else quote_literal('language ' || configuration)::tsquery
  end;

  -- ts_rank goes by the outermost operator. For "and" it ranks by how close the words are to each
  -- other, otherwise by how often they occur. A search for one word, or for one word or another,
  -- must not become an "and" because of the language. Hence an "or" of two equal sides.
  operators := regexp_replace(of_words::text, '''(''''|[^''])*''', '', 'g');
  return case
    when operators ~ '[&<]' and operators !~ '\|' then of_both
    else of_both || of_both
  end;
end;
$$;

create or replace function update_content_search_index() returns trigger
language plpgsql
volatile
as $$
declare
  configuration_name constant text := public.search_language(new.content_data ->> 'language');
  configuration constant regconfig := configuration_name::regconfig;
  -- search_query asks for these.
  language_lexemes constant tsvector := case
    when configuration_name = 'english' then ''
    else array_to_tsvector(array['language other', 'language ' || configuration_name])
  end;
  title constant text := public.spell_spaceless(new.title);
  data_text constant text := new.content_data::text;
  spelled constant text := public.spell_spaceless(data_text);
  vector tsvector;
begin
  begin
    vector := setweight(to_tsvector(configuration, title), 'A')
      || setweight(
        jsonb_to_tsvector(
          configuration,
          case when spelled = data_text then new.content_data else spelled::jsonb end,
          '["string"]'
        ),
        'B'
      )
      || language_lexemes;
  exception
    -- A tsvector holds at most 1 MiB. Saving the content matters more than its search entry.
    when program_limit_exceeded then
      raise warning 'content % has too many words for the search index: a search finds only its title',
        new.id;
      vector := setweight(to_tsvector(configuration, left(title, 1000)), 'A') || language_lexemes;
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

-- Both settings are about plans that a connection keeps. Plans made while the tables are small
-- would read whole tables later on: without sequential scans only the indexes are left. And without
-- a generic plan, PostgreSQL plans again for each array, because its length may differ. That takes
-- ten times as long as the query.
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

  -- Transactions that rate the same content take turns here, so the last one counts all ratings.
  -- The order of ids keeps two statements that rate the same contents from a deadlock. NO KEY,
  -- because each transaction already holds the foreign key's lock on the row. Content that is being
  -- deleted is no longer found, and its ratings disappear with it.
  perform 1
  from public.generated_content c
  where c.id = any (rated)
  order by c.id
  for no key update;

  -- The clock is read after the wait: a transaction that began before midnight must not write its
  -- rating to yesterday when another transaction has already written today.
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

  -- Without ratings there is no average, and rating_count is 0.
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
