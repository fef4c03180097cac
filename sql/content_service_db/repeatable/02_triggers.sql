-- The condition compares the short columns first. Comparing whole rows reads the old and the new
-- text, which for 200 kB costs four times as much as the rest of the update.
create or replace trigger generated_content_set_updated_at
before update on generated_content
for each row
when (
  (old.version, old.title, old.file_path, old.word_count, old.quality_score)
    is distinct from (new.version, new.title, new.file_path, new.word_count, new.quality_score)
  or old.* is distinct from new.*
)
execute function update_updated_at_column();

create or replace trigger generated_content_insert_search_index
after insert on generated_content
for each row
execute function update_content_search_index();

create or replace trigger generated_content_update_search_index
after update of title, content_data on generated_content
for each row
when (old.title <> new.title or old.content_data <> new.content_data)
execute function update_content_search_index();

-- These triggers run once per statement, not once per row: a thousand ratings of one content cost
-- one average. A trigger with transition tables can have only one event, hence three triggers.
create or replace trigger content_feedback_rate_inserted
after insert on content_feedback
referencing new table as new_rows
for each statement
execute function calculate_average_rating();

create or replace trigger content_feedback_rate_updated
after update on content_feedback
referencing old table as old_rows new table as new_rows
for each statement
execute function calculate_average_rating();

create or replace trigger content_feedback_rate_deleted
after delete on content_feedback
referencing old table as old_rows
for each statement
execute function calculate_average_rating();
