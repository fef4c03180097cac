-- migrate: no-transaction
-- Old checkpoints are deleted by their age.
create index concurrently agent_checkpoints_created_at_idx on agent_checkpoints (created_at);
