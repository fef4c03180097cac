import type { DatabaseName } from "../support/databases";

/** A trigger in pg_trigger: table, function, time and event. */
export type Trigger = [table: string, fn: string, timing: string];

/** What services rely on in one database. Repeated here, so that an edit of sql/ alone cannot change it. */
export interface Contract {
  /** Columns of each table, in order. */
  tables: Record<string, string>;
  functions: string[];
  triggers: Trigger[];
  /** What a delete of the referenced row does, by foreign key ("table.column"). */
  foreignKeys: Record<string, "cascade" | "set null" | "restrict">;
}

const updatedAt = (table: string): Trigger => [
  table,
  "update_updated_at_column",
  "BEFORE UPDATE EACH ROW",
];

export const CONTRACT: Record<DatabaseName, Contract> = {
  user_service_db: {
    tables: {
      users: "id email password_hash first_name last_name email_verified created_at updated_at",
      user_roles: "id user_id role granted_at expires_at granted_by revoked_at",
      user_preferences: "id user_id preference_key preference_value created_at updated_at",
      user_sessions:
        "id user_id session_token refresh_token expires_at created_at last_accessed_at ip_address user_agent",
      password_reset_tokens: "id user_id token expires_at used_at created_at",
      email_verification_tokens: "id user_id token expires_at verified_at created_at",
    },
    functions: ["is_blank", "update_updated_at_column"],
    triggers: [updatedAt("user_preferences"), updatedAt("users")],
    foreignKeys: {
      "email_verification_tokens.user_id": "cascade",
      "password_reset_tokens.user_id": "cascade",
      "user_preferences.user_id": "cascade",
      "user_roles.granted_by": "set null",
      "user_roles.user_id": "cascade",
      "user_sessions.user_id": "cascade",
    },
  },
  agent_orchestrator_db: {
    tables: {
      learning_sessions:
        "id user_id topic status estimated_duration_minutes actual_duration_minutes quality_score cost_usd created_at completed_at",
      agent_executions:
        "id session_id agent_type stage_number status input_data output_data error_message llm_provider llm_model tokens_used cost_usd started_at completed_at created_at",
      agent_checkpoints: "id execution_id checkpoint_data created_at",
      agent_configurations:
        "id user_id agent_type configuration version is_active created_at updated_at",
      session_metrics: "id session_id metric_name metric_value metric_unit recorded_at",
      agent_performance_logs:
        "id execution_id operation duration_ms memory_used_mb cpu_usage_percent recorded_at",
    },
    functions: ["is_blank", "update_session_progress", "update_updated_at_column"],
    triggers: [
      updatedAt("agent_configurations"),
      ["agent_executions", "update_session_progress", "AFTER INSERT EACH STATEMENT"],
      ["agent_executions", "update_session_progress", "AFTER UPDATE EACH STATEMENT"],
    ],
    foreignKeys: {
      "agent_checkpoints.execution_id": "cascade",
      "agent_executions.session_id": "cascade",
      "agent_performance_logs.execution_id": "cascade",
      "session_metrics.session_id": "cascade",
    },
  },
  content_service_db: {
    tables: {
      generated_content:
        "id session_id content_type title content_data file_path version quality_score word_count estimated_reading_time_minutes created_at updated_at",
      content_versions: "id content_id version_number content_data changes_description created_at",
      content_metadata: "id content_id metadata_key metadata_value created_at",
      content_tags: "id content_id tag confidence_score created_at",
      content_feedback: "id content_id user_id rating feedback_text created_at",
      content_analytics: "id content_id metric_name metric_value metric_date created_at",
      content_search_index: "id content_id search_vector language updated_at",
      content_recommendations:
        "id user_id content_id recommendation_score recommendation_reason created_at expires_at",
    },
    functions: [
      "calculate_average_rating",
      "is_blank",
      "search_language",
      "search_query",
      "spaceless_characters",
      "spell_spaceless",
      "update_content_search_index",
      "update_updated_at_column",
    ],
    triggers: [
      ["content_feedback", "calculate_average_rating", "AFTER DELETE EACH STATEMENT"],
      ["content_feedback", "calculate_average_rating", "AFTER INSERT EACH STATEMENT"],
      ["content_feedback", "calculate_average_rating", "AFTER UPDATE EACH STATEMENT"],
      ["generated_content", "update_content_search_index", "AFTER INSERT EACH ROW"],
      ["generated_content", "update_content_search_index", "AFTER UPDATE EACH ROW"],
      updatedAt("generated_content"),
    ],
    foreignKeys: {
      "content_analytics.content_id": "cascade",
      "content_feedback.content_id": "cascade",
      "content_metadata.content_id": "cascade",
      "content_recommendations.content_id": "cascade",
      "content_search_index.content_id": "cascade",
      "content_tags.content_id": "cascade",
      "content_versions.content_id": "cascade",
    },
  },
  payment_service_db: {
    tables: {
      subscriptions:
        "id user_id plan_type status billing_cycle price_usd currency features limits trial_ends_at current_period_start current_period_end cancel_at_period_end canceled_at created_at updated_at",
      payment_methods:
        "id user_id provider provider_payment_method_id type last_four brand exp_month exp_year is_default created_at updated_at",
      payment_transactions:
        "id user_id subscription_id payment_method_id provider provider_transaction_id type status amount_usd currency metadata failure_reason processed_at created_at updated_at",
      invoices:
        "id user_id subscription_id invoice_number status amount_due_usd amount_paid_usd currency line_items due_date paid_at created_at updated_at",
      usage_records:
        "id user_id subscription_id metric_name quantity unit recorded_at billing_period_start billing_period_end",
      payment_webhooks:
        "id provider event_type event_id payload processed_at error_message retry_count created_at",
      billing_addresses: "id user_id line1 line2 city state postal_code country updated_at",
      payment_analytics: "id metric_name metric_value dimensions recorded_date created_at",
    },
    functions: [
      "generate_invoice_number",
      "is_blank",
      "update_subscription_status",
      "update_updated_at_column",
    ],
    triggers: [
      updatedAt("billing_addresses"),
      ["invoices", "generate_invoice_number", "BEFORE DELETE EACH ROW"],
      ["invoices", "generate_invoice_number", "BEFORE INSERT EACH ROW"],
      ["invoices", "generate_invoice_number", "BEFORE UPDATE EACH ROW"],
      updatedAt("invoices"),
      updatedAt("payment_methods"),
      ["payment_transactions", "update_subscription_status", "AFTER INSERT EACH STATEMENT"],
      ["payment_transactions", "update_subscription_status", "AFTER UPDATE EACH STATEMENT"],
      updatedAt("payment_transactions"),
      updatedAt("subscriptions"),
    ],
    foreignKeys: {
      "invoices.subscription_id": "restrict",
      "payment_transactions.payment_method_id": "set null",
      "payment_transactions.subscription_id": "restrict",
      "usage_records.subscription_id": "restrict",
    },
  },
};
