comment on function update_updated_at_column() is
  'Trigger function: sets updated_at to the time of the change. Its triggers skip updates that change nothing.';
comment on function update_content_search_index() is
  'Trigger function: maintains the search entry of a content from its title (weight A) and every string in content_data at any depth (weight B).';
comment on function search_query(text, text) is
  'Returns the query of a search, to compare with search_vector. Takes a language as content_data names it ("de", "german", "zh") and the words as a person types them, with "quotes", or, and -. The query finds content in that language. Chinese, Japanese and Thai words are found in any content, by any two neighbouring characters.';
comment on function search_language(text) is
  'Helper of search_query and of the search index: returns the text search configuration of a language, given the name of a configuration or an ISO 639-1 code. A known language without a configuration gives simple, anything else english.';
comment on function spell_spaceless(text) is
  'Helper of search_query and of the search index: turns each two neighbouring characters of a language without spaces between words into a word.';
comment on function spaceless_characters() is
  'Helper of search_query and spell_spaceless: the characters of languages without spaces between words, for the brackets of a regular expression.';
comment on function calculate_average_rating() is
  'Trigger function: writes the average and the number of all current ratings of a content to today''s rows (UTC) of content_analytics.';
comment on function is_blank(text) is
  'Whether a text has no visible character. Checks use it for texts that identify a row or name something.';

comment on table generated_content is 'Content that the agents wrote. All other rows of this database belong to a content and are deleted with it.';
comment on column generated_content.session_id is 'Learning session in agent-orchestrator. Foreign keys do not reach across databases.';
comment on column generated_content.content_data is 'The content itself. Its own key "language" decides how it is searched: an ISO 639-1 code such as "de", or a text search configuration such as "german". English if absent.';
comment on column generated_content.file_path is 'Path in the object store; null when content_data holds the whole content.';
comment on column generated_content.quality_score is 'From 0 (worst) to 1 (best).';
comment on column generated_content.estimated_reading_time_minutes is 'Minutes.';
comment on column generated_content.content_type is 'Determines the format of content_data.';
comment on column generated_content.version is 'Counts up from 1; content_versions holds the earlier versions.';
comment on column generated_content.word_count is 'Number of words; null for content that is not text.';

comment on table content_versions is 'Earlier versions of contents, one row per version number.';
comment on column content_versions.version_number is 'Version of the content that this row keeps.';
comment on column content_versions.content_data is 'The content in that version.';
comment on column content_versions.changes_description is 'What changed since the previous version; null when not described.';

comment on table content_metadata is 'Additional properties of contents, one value per key.';
comment on column content_metadata.metadata_key is 'Never blank; the value may be.';

comment on table content_tags is 'Tags of contents. A content has each tag at most once.';
comment on column content_tags.tag is 'Never blank.';
comment on column content_tags.confidence_score is 'Confidence of the tagging agent, 0 to 1; null for a tag set by a person.';

comment on table content_search_index is 'Search entry of each content, maintained by update_content_search_index.';
comment on column content_search_index.search_vector is 'The title with weight A and the text with weight B. Content that is not English also has lexemes for its language, which search_query uses.';
comment on column content_search_index.language is 'Text search configuration with which search_vector was made; never blank.';

comment on table content_feedback is 'Users'' ratings of contents. A user rates a content once and may change the rating.';
comment on column content_feedback.user_id is 'Account in user-service. Foreign keys do not reach across databases.';
comment on column content_feedback.rating is 'From 1 (worst) to 5 (best).';
comment on column content_feedback.feedback_text is 'Null for a rating without text.';

comment on table content_analytics is 'Daily values of contents. calculate_average_rating maintains average_rating and rating_count; the service writes the others.';
comment on column content_analytics.metric_name is 'Never blank.';
comment on column content_analytics.metric_date is 'Day in UTC. On a day without a row, a rating metric has its last earlier value. If that rating_count is 0, there is no average.';
comment on column content_analytics.metric_value is 'Never negative; metric_name determines its unit.';

comment on table content_recommendations is 'Contents recommended to users, at most once per user and content.';
comment on column content_recommendations.user_id is 'Account in user-service. Foreign keys do not reach across databases.';
comment on column content_recommendations.recommendation_score is 'From 0 (weak) to 1 (strong).';
comment on column content_recommendations.expires_at is 'The recommendation is hidden from this time on; null when it does not expire.';
comment on column content_recommendations.recommendation_reason is 'Reason shown to the user; null for none.';
