create or replace trigger generated_content_set_updated_at
before update on generated_content
for each row
when (old.* is distinct from new.*)
execute function update_updated_at_column();

create or replace trigger generated_content_update_search_index
after insert or update of title, content_data on generated_content
for each row
execute function update_content_search_index();

-- Once a statement, not once a row: a thousand ratings of one piece of content cost one average.
-- Transition tables allow one event a trigger, hence three.
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
