-- Ids of the events that this service has handled. Keep them for as long as an event can arrive
-- again: for the retention of the topics that the service reads. Copy this file into the folder of
-- your database, with the next number.
create table event_inbox (
  source text not null,
  id text not null,
  handled_at timestamptz not null default now(),
  constraint event_inbox_pkey primary key (source, id)
);

-- Old ids are deleted by their age.
create index event_inbox_handled_at_idx on event_inbox (handled_at);

comment on table event_inbox is 'Events that were handled, so that a repetition has no effect.';
comment on column event_inbox.source is 'Service that wrote the event; an id is unique for each.';
comment on column event_inbox.id is 'Id of the event.';
comment on column event_inbox.handled_at is 'When the transaction began that handled it.';
