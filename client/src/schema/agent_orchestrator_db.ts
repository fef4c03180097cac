// Generated from sql/agent_orchestrator_db by `npm run types`. Edit the SQL, not this file.
import type { Bigint, Insert, Numeric, Timestamp, Update, Uuid } from "./column-types";

/** Values of agent_configurations.agent_type, agent_executions.agent_type. */
export const AGENT_TYPE_VALUES = [
  "RESEARCH",
  "VERIFICATION",
  "DECOMPOSITION",
  "STRUCTURING",
  "CONTENT_GENERATION",
  "VALIDATION",
  "SYNTHESIS",
  "LEARNING_EXPERIENCE",
] as const;
export type AgentType = (typeof AGENT_TYPE_VALUES)[number];

/** Values of agent_executions.status. */
export const AGENT_EXECUTION_STATUS_VALUES = [
  "PENDING",
  "RUNNING",
  "COMPLETED",
  "FAILED",
  "CANCELLED",
] as const;
export type AgentExecutionStatus = (typeof AGENT_EXECUTION_STATUS_VALUES)[number];

/** Values of learning_sessions.status. */
export const LEARNING_SESSION_STATUS_VALUES = [
  "PENDING",
  "IN_PROGRESS",
  "COMPLETED",
  "FAILED",
  "CANCELLED",
] as const;
export type LearningSessionStatus = (typeof LEARNING_SESSION_STATUS_VALUES)[number];

/**
 * States from which an interrupted execution can resume. The newest one counts.
 * A row of agent_checkpoints, as `select *` gives it.
 */
export interface AgentCheckpointRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  execution_id: Uuid;
  /** The agent's own state, in a format that only the agent reads. */
  checkpoint_data: unknown;
  /** @default now() */
  created_at: Timestamp;
}

/** A new row of agent_checkpoints. PostgreSQL fills in what is left out. */
export type AgentCheckpointInsert = Insert<AgentCheckpointRow, "id" | "created_at">;

/** Changes of a row of agent_checkpoints. */
export type AgentCheckpointUpdate = Update<AgentCheckpointInsert, "id">;

/**
 * A user's settings for a type of agent, with their history. At most one is active.
 * A row of agent_configurations, as `select *` gives it.
 */
export interface AgentConfigurationRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  /** Account in user-service. Foreign keys do not reach across databases. */
  user_id: Uuid;
  /** Type of agent that uses the settings. */
  agent_type: AgentType;
  /**
   * The settings, in the agent's own format; {} keeps all defaults.
   * @default '{}'::jsonb
   */
  configuration: unknown;
  /**
   * Counts up from 1 for each user and agent type.
   * @default 1
   */
  version: number;
  /**
   * True for at most one row per user and agent type.
   * @default true
   */
  is_active: boolean;
  /** @default now() */
  created_at: Timestamp;
  /** @default now() */
  updated_at: Timestamp;
}

/** A new row of agent_configurations. PostgreSQL fills in what is left out. */
export type AgentConfigurationInsert = Insert<
  AgentConfigurationRow,
  "id" | "configuration" | "version" | "is_active" | "created_at" | "updated_at"
>;

/** Changes of a row of agent_configurations. */
export type AgentConfigurationUpdate = Update<AgentConfigurationInsert, "id" | "updated_at">;

/**
 * One run of one agent in a session. A retry is a new row of the same stage.
 * A row of agent_executions, as `select *` gives it.
 */
export interface AgentExecutionRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  session_id: Uuid;
  /** The agent that runs; stage_number holds its stage. */
  agent_type: AgentType;
  /** Stage of the session, 1 to 8. */
  stage_number: number;
  /**
   * PENDING until a worker takes it, then RUNNING. COMPLETED, FAILED and CANCELLED are final: a
   * retry is a new row.
   * @default 'PENDING'::text
   */
  status: AgentExecutionStatus;
  /** Input of the agent; null when it needs none. */
  input_data: unknown;
  /** Output of the agent; null until COMPLETED. */
  output_data: unknown;
  /** Why the execution failed; null unless FAILED. */
  error_message: string | null;
  /** Provider of the model; null for an execution without a model. */
  llm_provider: string | null;
  /** The provider's name of the model; null for an execution without a model. */
  llm_model: string | null;
  /** Tokens of the prompt and the answer together. */
  tokens_used: number | null;
  /** US dollars, with six decimals. */
  cost_usd: Numeric | null;
  /** When a worker took it; null until then. */
  started_at: Timestamp | null;
  /** When it ended, whatever its status; null until then. */
  completed_at: Timestamp | null;
  /** @default now() */
  created_at: Timestamp;
}

/** A new row of agent_executions. PostgreSQL fills in what is left out. */
export type AgentExecutionInsert = Insert<
  AgentExecutionRow,
  | "id"
  | "status"
  | "input_data"
  | "output_data"
  | "error_message"
  | "llm_provider"
  | "llm_model"
  | "tokens_used"
  | "cost_usd"
  | "started_at"
  | "completed_at"
  | "created_at"
>;

/** Changes of a row of agent_executions. */
export type AgentExecutionUpdate = Update<AgentExecutionInsert, "id">;

/**
 * Measurements of single operations in an execution.
 * A row of agent_performance_logs, as `select *` gives it.
 */
export interface AgentPerformanceLogRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  execution_id: Uuid;
  /** Name of the operation; never blank. */
  operation: string;
  /** Milliseconds. */
  duration_ms: Bigint;
  /** Peak memory of the operation in mebibytes. */
  memory_used_mb: Numeric | null;
  /** Percent of one core; above 100 when several cores were busy. */
  cpu_usage_percent: Numeric | null;
  /** @default now() */
  recorded_at: Timestamp;
}

/** A new row of agent_performance_logs. PostgreSQL fills in what is left out. */
export type AgentPerformanceLogInsert = Insert<
  AgentPerformanceLogRow,
  "id" | "memory_used_mb" | "cpu_usage_percent" | "recorded_at"
>;

/** Changes of a row of agent_performance_logs. */
export type AgentPerformanceLogUpdate = Update<AgentPerformanceLogInsert, "id">;

/**
 * A user's request to learn a topic. Agents carry it out in eight stages.
 * A row of learning_sessions, as `select *` gives it.
 */
export interface LearningSessionRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  /** Account in user-service. Foreign keys do not reach across databases. */
  user_id: Uuid;
  /** What the user wants to learn; never blank. */
  topic: string;
  /**
   * Maintained by update_session_progress. A service sets it only to cancel a session.
   * @default 'PENDING'::text
   */
  status: LearningSessionStatus;
  /** Minutes. */
  estimated_duration_minutes: number | null;
  /** Minutes from created_at to completed_at, rounded; null unless COMPLETED. */
  actual_duration_minutes: number | null;
  /** From 0 (worst) to 1 (best). */
  quality_score: Numeric | null;
  /** US dollars, with six decimals: one call of a model may cost less than a cent. */
  cost_usd: Numeric | null;
  /** @default now() */
  created_at: Timestamp;
  /** When the last stage completed; null unless COMPLETED. */
  completed_at: Timestamp | null;
}

/** A new row of learning_sessions. PostgreSQL fills in what is left out. */
export type LearningSessionInsert = Insert<
  LearningSessionRow,
  | "id"
  | "status"
  | "estimated_duration_minutes"
  | "actual_duration_minutes"
  | "quality_score"
  | "cost_usd"
  | "created_at"
  | "completed_at"
>;

/** Changes of a row of learning_sessions. */
export type LearningSessionUpdate = Update<LearningSessionInsert, "id">;

/**
 * Measurements of a whole session.
 * A row of session_metrics, as `select *` gives it.
 */
export interface SessionMetricRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  session_id: Uuid;
  /** Never blank. */
  metric_name: string;
  /** In the unit given by metric_unit. */
  metric_value: Numeric;
  /** Unit of metric_value, for example "ms" or "tokens"; null for a plain number. */
  metric_unit: string | null;
  /** @default now() */
  recorded_at: Timestamp;
}

/** A new row of session_metrics. PostgreSQL fills in what is left out. */
export type SessionMetricInsert = Insert<SessionMetricRow, "id" | "metric_unit" | "recorded_at">;

/** Changes of a row of session_metrics. */
export type SessionMetricUpdate = Update<SessionMetricInsert, "id">;
