-- Whether a text has no visible character. Checks refuse such a text where it identifies a row or
-- says what the row is about. The pattern lists the spaces that \s does not cover, and characters
-- without width.
create function is_blank(value text) returns boolean
language sql
immutable
parallel safe
as $$
  select value ~ '^[\s\u0085\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]*$';
$$;

create table generated_content (
  id uuid not null default gen_random_uuid(),
  session_id uuid not null,
  content_type text not null,
  title text not null,
  content_data jsonb not null,
  file_path text,
  version integer not null default 1,
  quality_score numeric(5, 4),
  word_count integer,
  estimated_reading_time_minutes integer,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint generated_content_pkey primary key (id),
  constraint generated_content_content_type_check
    check (
      content_type in (
        'TEXT',
        'DIAGRAM',
        'EXERCISE',
        'QUIZ',
        'ASSESSMENT',
        'FLASHCARD',
        'MIND_MAP',
        'TUTORIAL',
        'CODE_EXAMPLE',
        'FORMULA'
      )
    ),
  constraint generated_content_file_path_check check (not is_blank(file_path)),
  constraint generated_content_version_check check (version >= 1),
  constraint generated_content_quality_score_check check (quality_score between 0 and 1),
  constraint generated_content_word_count_check check (word_count >= 0),
  constraint generated_content_estimated_reading_time_minutes_check
    check (estimated_reading_time_minutes >= 0)
);

create index generated_content_session_id_idx on generated_content (session_id);

-- Lists the content of one type, newest first.
create index generated_content_content_type_created_at_idx
on generated_content (content_type, created_at);

create table content_versions (
  id uuid not null default gen_random_uuid(),
  content_id uuid not null,
  version_number integer not null,
  content_data jsonb not null,
  changes_description text,
  created_at timestamptz not null default now(),
  constraint content_versions_pkey primary key (id),
  constraint content_versions_content_id_fkey
    foreign key (content_id) references generated_content (id) on delete cascade,
  constraint content_versions_content_id_version_number_key unique (content_id, version_number),
  constraint content_versions_version_number_check check (version_number >= 1)
);

create table content_metadata (
  id uuid not null default gen_random_uuid(),
  content_id uuid not null,
  metadata_key text not null,
  metadata_value text not null,
  created_at timestamptz not null default now(),
  constraint content_metadata_pkey primary key (id),
  constraint content_metadata_content_id_fkey
    foreign key (content_id) references generated_content (id) on delete cascade,
  constraint content_metadata_content_id_metadata_key_key unique (content_id, metadata_key),
  constraint content_metadata_metadata_key_check check (not is_blank(metadata_key))
);

create table content_tags (
  id uuid not null default gen_random_uuid(),
  content_id uuid not null,
  tag text not null,
  confidence_score numeric(5, 4),
  created_at timestamptz not null default now(),
  constraint content_tags_pkey primary key (id),
  constraint content_tags_content_id_fkey
    foreign key (content_id) references generated_content (id) on delete cascade,
  constraint content_tags_content_id_tag_key unique (content_id, tag),
  constraint content_tags_tag_check check (not is_blank(tag)),
  constraint content_tags_confidence_score_check check (confidence_score between 0 and 1)
);

-- Lists the content with one tag, newest first. A common tag is on a hundred thousand contents.
create index content_tags_tag_created_at_idx on content_tags (tag, created_at);
