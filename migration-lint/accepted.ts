import type { AcceptedFinding } from "./waivers";

const COUNTS = [
  "sql/agent_orchestrator_db/0001_create_learning_sessions.sql",
  "sql/agent_orchestrator_db/0002_create_agent_executions.sql",
  "sql/agent_orchestrator_db/0003_create_agent_configurations.sql",
  "sql/content_service_db/0001_create_generated_content.sql",
  "sql/content_service_db/0003_create_feedback_and_analytics.sql",
  "sql/payment_service_db/0002_create_payments.sql",
];

/**
 * Findings in files that may be applied already: an edit would change their hash and be refused. A file that is not
 * applied yet has its waivers in its text.
 */
export const ACCEPTED: readonly AcceptedFinding[] = [
  ...COUNTS.map((file) => ({
    file,
    rule: "prefer-bigint-over-int",
    reason: "counts, versions, minutes and ratings stay far below 2^31; keys are uuid",
  })),
  {
    file: "sql/user_service_db/0003_check_token_hashes.sql",
    rule: "constraint-missing-not-valid",
    reason: "sessions and tokens live for days, so the scan is short; tokens in clear must fail it",
  },
];
