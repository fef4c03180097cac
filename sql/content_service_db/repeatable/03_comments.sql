comment on function update_updated_at_column() is
  'Trigger function: sets updated_at to the time of a change. Its triggers skip updates that change nothing.';
comment on function update_content_search_index() is
  'Trigger function: keeps a piece of content''s search entry: its title (weight A) and every string in content_data at any depth (weight B).';
comment on function search_query(text, text) is
  'The query text of a search, for services: a language as content_data names it ("de", "german", "zh") and the words as a person types them, with "quotes", or, and -. The result is compared with search_vector. It finds content of that language; Chinese, Japanese and Thai words are found in any content, by any two neighbouring characters.';
comment on function search_language(text) is
  'Helper of search_query and the search index: the text search configuration of a language, by the configuration''s name or its ISO 639-1 code. A language known to have none is simple; anything else is english.';
comment on function spell_spaceless(text) is
  'A text with each two neighbouring characters of a language without spaces spelled as a word, for the search index and its queries.';
comment on function spaceless_characters() is
  'The characters of languages without spaces between words, for a regular expression''s brackets.';
comment on function calculate_average_rating() is
  'Trigger function: writes the average and number of all present ratings of a piece of content into the current day (UTC) of content_analytics.';
comment on function is_blank(text) is
  'Whether a text has no visible character, for checks on texts that name or tell apart.';

comment on table generated_content is 'What the agents wrote. Everything else in this database hangs on it and goes with it.';
comment on column generated_content.session_id is 'Learning session in the agent orchestrator; no foreign key reaches across databases.';
comment on column generated_content.content_data is 'The content itself. Its own "language", a code of ISO 639-1 such as "de" or a text search configuration such as "german", decides how it is searched; English where it has none.';
comment on column generated_content.file_path is 'Path in the object store; null for content that is all in content_data.';
comment on column generated_content.quality_score is 'From 0 (worst) to 1 (best).';
comment on column generated_content.estimated_reading_time_minutes is 'Minutes.';
comment on column generated_content.content_type is 'Decides the form of content_data.';
comment on column generated_content.version is 'Counts up from 1; former versions are in content_versions.';
comment on column generated_content.word_count is 'Words; null for content that is not text.';

comment on table content_versions is 'Former states of content, one row per number.';
comment on column content_versions.version_number is 'The content''s version that this row keeps.';
comment on column content_versions.content_data is 'The content as it was in that version.';
comment on column content_versions.changes_description is 'What changed since the version before; null when nobody said.';

comment on table content_metadata is 'Further properties of content, one value per key.';
comment on column content_metadata.metadata_key is 'Never blank; the value may be.';

comment on table content_tags is 'Tags of content, each once.';
comment on column content_tags.tag is 'Never blank.';
comment on column content_tags.confidence_score is 'How sure the tagging agent was, 0 to 1; null for a tag set by a person.';

comment on table content_search_index is 'Search entry of each piece of content, kept by update_content_search_index.';
comment on column content_search_index.search_vector is 'Title with weight A, text with weight B.';
comment on column content_search_index.language is 'Text search configuration the vector was made with, never blank.';

comment on table content_feedback is 'A user''s rating of a piece of content; one each, which may be changed.';
comment on column content_feedback.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column content_feedback.rating is 'From 1 (worst) to 5 (best).';
comment on column content_feedback.feedback_text is 'Null for a rating without words.';

comment on table content_analytics is 'Daily values per piece of content. average_rating and rating_count are kept by calculate_average_rating, the others by the service.';
comment on column content_analytics.metric_name is 'Never blank.';
comment on column content_analytics.metric_date is 'Day in UTC. A rating metric without a row on a day has its last earlier value, unless rating_count is 0: then there is no average.';
comment on column content_analytics.metric_value is 'Never negative; its unit goes with metric_name.';

comment on table content_recommendations is 'Content suggested to users, once per user and content.';
comment on column content_recommendations.user_id is 'Account in the user service; no foreign key reaches across databases.';
comment on column content_recommendations.recommendation_score is 'From 0 (weak) to 1 (strong).';
comment on column content_recommendations.expires_at is 'Not shown from this time on; null means it does not expire.';
comment on column content_recommendations.recommendation_reason is 'For the user to read; null when there is none to give.';
