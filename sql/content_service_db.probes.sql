-- What npm run verify runs as the role of the application, each probe in a transaction that is rolled
-- back. The last statement of a probe returns true if the object works. See docs/verify.md.

-- probe: function is_blank(value text)
select is_blank(e' \t\u00a0') and not is_blank(' a ');

-- probe: function check_batch(older_than interval, batch_size integer)
do $$
begin
  perform check_batch('-1 day', 1);
  raise exception 'a negative age is accepted';
exception
  when invalid_parameter_value then null;
end;
$$;
select check_batch('1 day', 1) is not null;

-- probe: function spaceless_characters()
select '学' ~ ('[' || spaceless_characters() || ']') and 'a' !~ ('[' || spaceless_characters() || ']');

-- probe: function spell_spaceless(value text)
select spell_spaceless('plain') = 'plain' and spell_spaceless('机器') <> '机器';

-- probe: function search_language(language text)
select search_language('de') = 'german' and search_language('zh') = 'simple'
  and search_language('no language') = 'english';

-- probe: function search_query(language text, words text)
select to_tsvector('english', 'Leaves turn light into sugar') @@ search_query('en', 'turning sugars');

-- probe: function delete_expired_recommendations(older_than interval, batch_size integer)
with content as (
  insert into generated_content (session_id, content_type, title, content_data)
  values (gen_random_uuid(), 'TEXT', 'verify', '{}')
  returning id
)
insert into content_recommendations (user_id, content_id, recommendation_score, expires_at)
select gen_random_uuid(), id, 1, '1000-01-01' from content;
-- Nothing else is that old, so that no row of a service is touched.
select delete_expired_recommendations('900 years', 1) = 1;

-- probe: function delete_old_content_analytics(older_than interval, batch_size integer)
with content as (
  insert into generated_content (session_id, content_type, title, content_data)
  values (gen_random_uuid(), 'TEXT', 'verify', '{}')
  returning id
)
insert into content_analytics (content_id, metric_name, metric_value, metric_date)
select id, 'verify', 1, '1000-01-01' from content;
select delete_old_content_analytics('900 years', 1) = 1;

-- probe: trigger generated_content_set_updated_at on generated_content
insert into generated_content (session_id, content_type, title, content_data)
values ('00000000-0000-0000-0000-000000000000', 'TEXT', 'verify', '{}');
update generated_content set version = 2
where session_id = '00000000-0000-0000-0000-000000000000';
-- now() is when the transaction began.
select updated_at > now() from generated_content
where session_id = '00000000-0000-0000-0000-000000000000';

-- probe: trigger generated_content_insert_search_index on generated_content
insert into generated_content (session_id, content_type, title, content_data)
values ('00000000-0000-0000-0000-000000000000', 'TEXT', 'Photosynthesis', '{"body": "light"}');
select entry.search_vector @@ search_query('en', 'photosynthesis light')
from content_search_index entry
join generated_content content on content.id = entry.content_id
where content.session_id = '00000000-0000-0000-0000-000000000000';

-- probe: trigger generated_content_update_search_index on generated_content
insert into generated_content (session_id, content_type, title, content_data)
values ('00000000-0000-0000-0000-000000000000', 'TEXT', 'Before', '{}');
update generated_content set title = 'Afterwards'
where session_id = '00000000-0000-0000-0000-000000000000';
select entry.search_vector @@ search_query('en', 'afterwards')
from content_search_index entry
join generated_content content on content.id = entry.content_id
where content.session_id = '00000000-0000-0000-0000-000000000000';

-- probe: trigger content_feedback_rate_inserted on content_feedback
with content as (
  insert into generated_content (session_id, content_type, title, content_data)
  values (gen_random_uuid(), 'TEXT', 'verify', '{}')
  returning id
)
insert into content_feedback (content_id, user_id, rating)
select id, '00000000-0000-0000-0000-000000000000', 4 from content;
select day.metric_value = 4
from content_analytics day
join content_feedback feedback using (content_id)
where day.metric_name = 'average_rating'
  and feedback.user_id = '00000000-0000-0000-0000-000000000000';

-- probe: trigger content_feedback_rate_updated on content_feedback
with content as (
  insert into generated_content (session_id, content_type, title, content_data)
  values (gen_random_uuid(), 'TEXT', 'verify', '{}')
  returning id
)
insert into content_feedback (content_id, user_id, rating)
select id, '00000000-0000-0000-0000-000000000000', 4 from content;
update content_feedback set rating = 2 where user_id = '00000000-0000-0000-0000-000000000000';
select day.metric_value = 2
from content_analytics day
join content_feedback feedback using (content_id)
where day.metric_name = 'average_rating'
  and feedback.user_id = '00000000-0000-0000-0000-000000000000';

-- probe: trigger content_feedback_rate_deleted on content_feedback
with content as (
  insert into generated_content (session_id, content_type, title, content_data)
  values ('00000000-0000-0000-0000-000000000000', 'TEXT', 'verify', '{}')
  returning id
)
insert into content_feedback (content_id, user_id, rating)
select id, '00000000-0000-0000-0000-000000000000', 4 from content;
delete from content_feedback where user_id = '00000000-0000-0000-0000-000000000000';
select day.metric_value = 0
from content_analytics day
join generated_content content on content.id = day.content_id
where day.metric_name = 'rating_count'
  and content.session_id = '00000000-0000-0000-0000-000000000000';
