-- Each rating updates the day's rows. Room in the page lets the new versions stay there, and then no
-- index is written. Pages that exist are left as they are.
alter table content_analytics set (fillfactor = 90);
