-- Kept by a trigger on generated_content, in a table of its own so that saving content does not
-- rewrite the row once more for its search vector.
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

create index content_search_index_search_vector_idx on content_search_index using gin (search_vector);
