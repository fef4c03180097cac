-- Events that a transaction of this service has caused, and that are not in their topics yet. The
-- relay deletes them, so that the table stays small. Copy this file into the folder of your
-- database, with the next number.
create table event_outbox (
  position bigint generated always as identity,
  id uuid not null,
  topic text not null,
  type text not null,
  subject text not null,
  data jsonb not null,
  occurred_at timestamptz not null,
  constraint event_outbox_pkey primary key (position),
  -- One event is stored once. Its consumers tell it by this id.
  constraint event_outbox_id_key unique (id)
);

comment on table event_outbox is 'Events that are still to be written to their topics.';
comment on column event_outbox.position is 'Order in which the events are written.';
comment on column event_outbox.id is 'Id of the event, by which consumers recognise a repetition.';
comment on column event_outbox.topic is 'Topic by the name that the platform has for it.';
comment on column event_outbox.type is 'Type of the event with its version.';
comment on column event_outbox.subject is 'What the event is about, and the key of its message.';
comment on column event_outbox.data is 'What the event says.';
comment on column event_outbox.occurred_at is 'When it happened.';
