create or replace trigger users_set_updated_at
before update on users
for each row
when (old.* is distinct from new.*)
execute function update_updated_at_column();

create or replace trigger user_preferences_set_updated_at
before update on user_preferences
for each row
when (old.* is distinct from new.*)
execute function update_updated_at_column();
