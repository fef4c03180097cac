create table agent_configurations (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  agent_type text not null,
  configuration jsonb not null default '{}',
  version integer not null default 1,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint agent_configurations_pkey primary key (id),
  constraint agent_configurations_agent_type_check
    check (
      agent_type in (
        'RESEARCH',
        'VERIFICATION',
        'DECOMPOSITION',
        'STRUCTURING',
        'CONTENT_GENERATION',
        'VALIDATION',
        'SYNTHESIS',
        'LEARNING_EXPERIENCE'
      )
    ),
  constraint agent_configurations_version_check check (version >= 1)
);

-- With two active configurations, an agent would pick either one. Deactivate the old one first.
create unique index agent_configurations_one_active_key
on agent_configurations (user_id, agent_type)
where is_active;

-- Lists a user's earlier configurations, newest version first.
create index agent_configurations_user_id_agent_type_version_idx
on agent_configurations (user_id, agent_type, version);
