import type { DatabaseName } from "../support/databases";

/** A function that deletes expired or old rows. */
export interface UpkeepFunction {
  name: string;
  table: string;
  /** The column with the time or day that it compares. */
  column: string;
  /** Default for how long rows are kept after that time. */
  olderThan: string;
  /** Table of the row that `reference` points to. A test adds that row first. */
  parent?: { reference: string; table: string; parent?: { reference: string; table: string } };
}

const user = { reference: "user_id", table: "users" };
const session = { reference: "session_id", table: "learning_sessions" };
const execution = { reference: "execution_id", table: "agent_executions", parent: session };
const content = { reference: "content_id", table: "generated_content" };

export const UPKEEP: Record<DatabaseName, UpkeepFunction[]> = {
  user_service_db: [
    {
      name: "delete_expired_email_verification_tokens",
      table: "email_verification_tokens",
      column: "expires_at",
      olderThan: "1 day",
      parent: user,
    },
    {
      name: "delete_expired_password_reset_tokens",
      table: "password_reset_tokens",
      column: "expires_at",
      olderThan: "1 day",
      parent: user,
    },
    {
      name: "delete_expired_sessions",
      table: "user_sessions",
      column: "expires_at",
      olderThan: "0",
      parent: user,
    },
  ],
  agent_orchestrator_db: [
    {
      name: "delete_old_checkpoints",
      table: "agent_checkpoints",
      column: "created_at",
      olderThan: "30 days",
      parent: execution,
    },
    {
      name: "delete_old_performance_logs",
      table: "agent_performance_logs",
      column: "recorded_at",
      olderThan: "90 days",
      parent: execution,
    },
    {
      name: "delete_old_session_metrics",
      table: "session_metrics",
      column: "recorded_at",
      olderThan: "1 year",
      parent: session,
    },
  ],
  content_service_db: [
    {
      name: "delete_expired_recommendations",
      table: "content_recommendations",
      column: "expires_at",
      olderThan: "0",
      parent: content,
    },
    {
      name: "delete_old_content_analytics",
      table: "content_analytics",
      column: "metric_date",
      olderThan: "400 days",
      parent: content,
    },
  ],
  payment_service_db: [
    {
      name: "delete_processed_webhooks",
      table: "payment_webhooks",
      column: "processed_at",
      olderThan: "90 days",
    },
  ],
};
