import type { DatabaseName } from "../../tests/sql/support/databases";

/** Rows that a DTO is made from besides its own row. */
export interface RelatedRows {
  parameter: string;
  table: string;
}

/** A property that is no column. */
export interface ComputedProperty {
  name: string;
  comment: string;
  typescript: { type: string; value: string };
  kotlin: { type: string; value: string };
  optional?: true;
}

/** A type that the front end gets. Its names are the contract's; types and comments are those of the columns. */
export interface Dto {
  name: string;
  comment: string;
  database: DatabaseName;
  table: string;
  /** Every column, or only those that may leave the service. */
  columns: "all" | readonly string[];
  related: readonly RelatedRows[];
  computed: readonly ComputedProperty[];
}

export const DTOS: readonly Dto[] = [
  {
    name: "UserRoleDto",
    comment: "A role that a user holds.",
    database: "user_service_db",
    table: "user_roles",
    columns: ["id", "role", "granted_at", "expires_at", "granted_by"],
    related: [],
    computed: [],
  },
  {
    name: "UserDto",
    comment: "A user, without secrets.",
    database: "user_service_db",
    table: "users",
    columns: [
      "id",
      "email",
      "first_name",
      "last_name",
      "email_verified",
      "created_at",
      "updated_at",
    ],
    related: [
      { parameter: "roles", table: "user_roles" },
      { parameter: "preferences", table: "user_preferences" },
    ],
    computed: [
      {
        name: "roles",
        comment: "The roles that were not revoked. One may have expired.",
        typescript: {
          type: "UserRoleDto[]",
          value: "roles.filter((role) => role.revoked_at === null).map(toUserRoleDto)",
        },
        kotlin: {
          type: "List<UserRoleDto>",
          value: "roles.filter { it.revokedAt == null }.map { it.toDto() }",
        },
      },
      {
        name: "preferences",
        comment: "Values by key.",
        typescript: {
          type: "Record<string, string>",
          value:
            "Object.fromEntries(preferences.map((row) => [row.preference_key, row.preference_value]))",
        },
        kotlin: {
          type: "Map<String, String>",
          value: "preferences.associate { it.preferenceKey to it.preferenceValue }",
        },
      },
    ],
  },
  {
    name: "AgentExecutionDto",
    comment: "One run of one agent in a session.",
    database: "agent_orchestrator_db",
    table: "agent_executions",
    columns: "all",
    related: [],
    computed: [
      {
        name: "durationMinutes",
        comment: "Minutes from startedAt to completedAt, rounded; absent until it ended.",
        optional: true,
        typescript: {
          type: "number",
          value: "minutesBetween(row.started_at, row.completed_at)",
        },
        kotlin: { type: "Int", value: "minutesBetween(startedAt, completedAt)" },
      },
    ],
  },
  {
    name: "LearningSessionDto",
    comment: "A learning session with its progress.",
    database: "agent_orchestrator_db",
    table: "learning_sessions",
    columns: "all",
    related: [{ parameter: "executions", table: "agent_executions" }],
    computed: [
      {
        name: "agentExecutions",
        comment: "In the order in which they were read.",
        typescript: { type: "AgentExecutionDto[]", value: "executions.map(toAgentExecutionDto)" },
        kotlin: { type: "List<AgentExecutionDto>", value: "executions.map { it.toDto() }" },
      },
      {
        name: "progressPercentage",
        comment: "Share of the eight stages that are completed, as a whole number from 0 to 100.",
        typescript: {
          type: "number",
          value: "progressPercentage(completedStages(executions))",
        },
        kotlin: { type: "Int", value: "progressPercentage(completedStages(executions))" },
      },
      {
        name: "currentStage",
        comment: "The first stage that is not completed, 1 to 8; 8 when all are.",
        typescript: { type: "number", value: "currentStage(completedStages(executions))" },
        kotlin: { type: "Int", value: "currentStage(completedStages(executions))" },
      },
    ],
  },
  {
    name: "ContentDto",
    comment: "Generated content with its properties.",
    database: "content_service_db",
    table: "generated_content",
    columns: "all",
    related: [{ parameter: "metadata", table: "content_metadata" }],
    computed: [
      {
        name: "metadata",
        comment: "Additional properties by key.",
        typescript: {
          type: "Record<string, string>",
          value:
            "Object.fromEntries(metadata.map((row) => [row.metadata_key, row.metadata_value]))",
        },
        kotlin: {
          type: "Map<String, String>",
          value: "metadata.associate { it.metadataKey to it.metadataValue }",
        },
      },
    ],
  },
  {
    name: "SubscriptionDto",
    comment: "A user's plan.",
    database: "payment_service_db",
    table: "subscriptions",
    columns: "all",
    related: [],
    computed: [],
  },
];
