-- A trigger on generated_content maintains this table. It is separate so that saving content does
-- not write the content's row a second time for its search vector.
create table content_search_index (
  id uuid not null default gen_random_uuid(),
  content_id uuid not null,
  search_vector tsvector not null,
  language text not null default 'english',
  updated_at timestamptz not null default now(),
  constraint content_search_index_pkey primary key (id),
  constraint content_search_index_content_id_fkey
    foreign key (content_id) references generated_content (id) on delete cascade,
  constraint content_search_index_content_id_key unique (content_id),
  constraint content_search_index_language_check check (not is_blank(language))
);

-- New entries wait in a pending list that every search reads in full, and the insert that fills the
-- list has to merge all of it. With a limit of 512 kB instead of 4 MB a search reads at most 64
-- blocks more, and no insert waits long.
create index content_search_index_search_vector_idx
on content_search_index using gin (search_vector) with (gin_pending_list_limit = 512);

-- A GIN index returns its first match only after it has found all matches. A search for common
-- words finds enough in this eighth of the entries and stops there. Any other search goes on to the
-- rest.
create index content_search_index_sample_idx
on content_search_index using gin (search_vector) with (gin_pending_list_limit = 512)
where id < '20000000-0000-0000-0000-000000000000';
