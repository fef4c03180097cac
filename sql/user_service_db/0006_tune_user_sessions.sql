-- Each use of a session updates its row. Room in the page lets the new version stay there, and then no
-- index is written. Pages that exist are left as they are.
alter table user_sessions set (fillfactor = 90);
