// Generated from sql/ and tools/types/dtos.ts by `npm run types`. Edit those, not this file.
import type {
  AgentExecutionRow,
  AgentExecutionStatus,
  AgentType,
  LearningSessionRow,
  LearningSessionStatus,
} from "./agent_orchestrator_db";
import type { Numeric, Timestamp, Uuid } from "./column-types";
import type { ContentMetadataRow, ContentType, GeneratedContentRow } from "./content_service_db";
import type {
  BillingCycle,
  Currency,
  PlanType,
  SubscriptionRow,
  SubscriptionStatus,
} from "./payment_service_db";
import { completedStages, currentStage, minutesBetween, progressPercentage } from "./progress";
import type { Role, UserPreferenceRow, UserRoleRow, UserRow } from "./user_service_db";

/**
 * A role that a user holds.
 * What is null in the table is absent here.
 */
export interface UserRoleDto {
  id: Uuid;
  /**
   * From FREE_USER (fewest rights) to SUPER_ADMIN. A user has at most one row per role that is not
   * revoked: granting the role again renews that row.
   */
  role: Role;
  grantedAt: Timestamp;
  /** Time at which the role ends on its own; null for a role without an end. */
  expiresAt?: Timestamp;
  /**
   * Account that granted the role; null when the system granted it, or when that account was
   * deleted.
   */
  grantedBy?: Uuid;
}

/** Makes a UserRoleDto from a row of user_roles. */
export function toUserRoleDto(row: UserRoleRow): UserRoleDto {
  return {
    id: row.id,
    role: row.role,
    grantedAt: row.granted_at,
    expiresAt: row.expires_at ?? undefined,
    grantedBy: row.granted_by ?? undefined,
  };
}

/**
 * A user, without secrets.
 * What is null in the table is absent here.
 */
export interface UserDto {
  id: Uuid;
  /**
   * One mailbox, with exactly one @. Stored as the person typed it, and unique regardless of case.
   * lower(email) = lower($1) finds an account however its email is typed; email = $1 finds only the
   * exact spelling. Each form has an index. "on conflict (email)" matches the same spelling; a
   * different spelling of a taken email fails with 23505.
   */
  email: string;
  firstName: string;
  lastName: string;
  emailVerified: boolean;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  /** The roles that were not revoked. One may have expired. */
  roles: UserRoleDto[];
  /** Values by key. */
  preferences: Record<string, string>;
}

/**
 * Makes a UserDto from a row of users, with its rows of user_roles, with its rows of
 * user_preferences.
 */
export function toUserDto(
  row: UserRow,
  roles: readonly UserRoleRow[],
  preferences: readonly UserPreferenceRow[],
): UserDto {
  return {
    id: row.id,
    email: row.email,
    firstName: row.first_name,
    lastName: row.last_name,
    emailVerified: row.email_verified,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    roles: roles.filter((role) => role.revoked_at === null).map(toUserRoleDto),
    preferences: Object.fromEntries(
      preferences.map((row) => [row.preference_key, row.preference_value]),
    ),
  };
}

/**
 * One run of one agent in a session.
 * What is null in the table is absent here.
 */
export interface AgentExecutionDto {
  id: Uuid;
  sessionId: Uuid;
  /** The agent that runs; stage_number holds its stage. */
  agentType: AgentType;
  /** Stage of the session, 1 to 8. */
  stageNumber: number;
  /**
   * PENDING until a worker takes it, then RUNNING. COMPLETED, FAILED and CANCELLED are final: a
   * retry is a new row.
   */
  status: AgentExecutionStatus;
  /** Input of the agent; null when it needs none. */
  inputData?: unknown;
  /** Output of the agent; null until COMPLETED. */
  outputData?: unknown;
  /** Why the execution failed; null unless FAILED. */
  errorMessage?: string;
  /** Provider of the model; null for an execution without a model. */
  llmProvider?: string;
  /** The provider's name of the model; null for an execution without a model. */
  llmModel?: string;
  /** Tokens of the prompt and the answer together. */
  tokensUsed?: number;
  /** US dollars, with six decimals. */
  costUsd?: Numeric;
  /** When a worker took it; null until then. */
  startedAt?: Timestamp;
  /** When it ended, whatever its status; null until then. */
  completedAt?: Timestamp;
  createdAt: Timestamp;
  /** Minutes from startedAt to completedAt, rounded; absent until it ended. */
  durationMinutes?: number;
}

/** Makes a AgentExecutionDto from a row of agent_executions. */
export function toAgentExecutionDto(row: AgentExecutionRow): AgentExecutionDto {
  return {
    id: row.id,
    sessionId: row.session_id,
    agentType: row.agent_type,
    stageNumber: row.stage_number,
    status: row.status,
    inputData: row.input_data ?? undefined,
    outputData: row.output_data ?? undefined,
    errorMessage: row.error_message ?? undefined,
    llmProvider: row.llm_provider ?? undefined,
    llmModel: row.llm_model ?? undefined,
    tokensUsed: row.tokens_used ?? undefined,
    costUsd: row.cost_usd ?? undefined,
    startedAt: row.started_at ?? undefined,
    completedAt: row.completed_at ?? undefined,
    createdAt: row.created_at,
    durationMinutes: minutesBetween(row.started_at, row.completed_at),
  };
}

/**
 * A learning session with its progress.
 * What is null in the table is absent here.
 */
export interface LearningSessionDto {
  id: Uuid;
  /** Account in user-service. Foreign keys do not reach across databases. */
  userId: Uuid;
  /** What the user wants to learn; never blank. */
  topic: string;
  /** Maintained by update_session_progress. A service sets it only to cancel a session. */
  status: LearningSessionStatus;
  /** Minutes. */
  estimatedDurationMinutes?: number;
  /** Minutes from created_at to completed_at, rounded; null unless COMPLETED. */
  actualDurationMinutes?: number;
  /** From 0 (worst) to 1 (best). */
  qualityScore?: Numeric;
  /** US dollars, with six decimals: one call of a model may cost less than a cent. */
  costUsd?: Numeric;
  createdAt: Timestamp;
  /** When the last stage completed; null unless COMPLETED. */
  completedAt?: Timestamp;
  /** In the order in which they were read. */
  agentExecutions: AgentExecutionDto[];
  /** Share of the eight stages that are completed, as a whole number from 0 to 100. */
  progressPercentage: number;
  /** The first stage that is not completed, 1 to 8; 8 when all are. */
  currentStage: number;
}

/** Makes a LearningSessionDto from a row of learning_sessions, with its rows of agent_executions. */
export function toLearningSessionDto(
  row: LearningSessionRow,
  executions: readonly AgentExecutionRow[],
): LearningSessionDto {
  return {
    id: row.id,
    userId: row.user_id,
    topic: row.topic,
    status: row.status,
    estimatedDurationMinutes: row.estimated_duration_minutes ?? undefined,
    actualDurationMinutes: row.actual_duration_minutes ?? undefined,
    qualityScore: row.quality_score ?? undefined,
    costUsd: row.cost_usd ?? undefined,
    createdAt: row.created_at,
    completedAt: row.completed_at ?? undefined,
    agentExecutions: executions.map(toAgentExecutionDto),
    progressPercentage: progressPercentage(completedStages(executions)),
    currentStage: currentStage(completedStages(executions)),
  };
}

/**
 * Generated content with its properties.
 * What is null in the table is absent here.
 */
export interface ContentDto {
  id: Uuid;
  /** Learning session in agent-orchestrator. Foreign keys do not reach across databases. */
  sessionId: Uuid;
  /** Determines the format of content_data. */
  contentType: ContentType;
  title: string;
  /**
   * The content itself. Its own key "language" decides how it is searched: an ISO 639-1 code such as
   * "de", or a text search configuration such as "german". English if absent.
   */
  contentData: unknown;
  /** Path in the object store; null when content_data holds the whole content. */
  filePath?: string;
  /** Counts up from 1; content_versions holds the earlier versions. */
  version: number;
  /** From 0 (worst) to 1 (best). */
  qualityScore?: Numeric;
  /** Number of words; null for content that is not text. */
  wordCount?: number;
  /** Minutes. */
  estimatedReadingTimeMinutes?: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  /** Additional properties by key. */
  metadata: Record<string, string>;
}

/** Makes a ContentDto from a row of generated_content, with its rows of content_metadata. */
export function toContentDto(
  row: GeneratedContentRow,
  metadata: readonly ContentMetadataRow[],
): ContentDto {
  return {
    id: row.id,
    sessionId: row.session_id,
    contentType: row.content_type,
    title: row.title,
    contentData: row.content_data,
    filePath: row.file_path ?? undefined,
    version: row.version,
    qualityScore: row.quality_score ?? undefined,
    wordCount: row.word_count ?? undefined,
    estimatedReadingTimeMinutes: row.estimated_reading_time_minutes ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    metadata: Object.fromEntries(metadata.map((row) => [row.metadata_key, row.metadata_value])),
  };
}

/**
 * A user's plan.
 * What is null in the table is absent here.
 */
export interface SubscriptionDto {
  id: Uuid;
  /** Account in user-service. Foreign keys do not reach across databases. */
  userId: Uuid;
  /** The plan; features and limits hold what it includes. */
  planType: PlanType;
  /** Payments change it through update_subscription_status; CANCELED is final. */
  status: SubscriptionStatus;
  /** How often the price is due; LIFETIME is paid once. */
  billingCycle: BillingCycle;
  /** US dollars per billing cycle, before tax. */
  priceUsd: Numeric;
  /**
   * ISO 4217 code of the currency in which the user is charged. Amounts in this table are in US
   * dollars regardless.
   */
  currency: Currency;
  /** Features of this subscription, by name. */
  features: unknown;
  /** Quotas of this subscription, by name. */
  limits: unknown;
  /** Null for a subscription without a trial. */
  trialEndsAt?: Timestamp;
  /** Null until the first period begins. */
  currentPeriodStart?: Timestamp;
  /**
   * First instant after the period; null until the first period begins, and for LIFETIME. If a short
   * month shortened a period, the next one ends on the intended day again: 31 January, 28 February,
   * 31 March (UTC).
   */
  currentPeriodEnd?: Timestamp;
  /** The user has canceled, and the service ends the subscription when the period ends. */
  cancelAtPeriodEnd: boolean;
  /** When the user canceled; null if not canceled. */
  canceledAt?: Timestamp;
  createdAt: Timestamp;
  updatedAt: Timestamp;
}

/** Makes a SubscriptionDto from a row of subscriptions. */
export function toSubscriptionDto(row: SubscriptionRow): SubscriptionDto {
  return {
    id: row.id,
    userId: row.user_id,
    planType: row.plan_type,
    status: row.status,
    billingCycle: row.billing_cycle,
    priceUsd: row.price_usd,
    currency: row.currency,
    features: row.features,
    limits: row.limits,
    trialEndsAt: row.trial_ends_at ?? undefined,
    currentPeriodStart: row.current_period_start ?? undefined,
    currentPeriodEnd: row.current_period_end ?? undefined,
    cancelAtPeriodEnd: row.cancel_at_period_end,
    canceledAt: row.canceled_at ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
