// Generated from schemas/ by `npm run types`. Edit those, not this file.

import type { EventType } from "./events";

/** A user has an account. */
export interface UserRegisteredV1 {
  /** The user. A UUID. */
  userId: string;
  /** Whether the address was verified before, as by an identity provider. */
  emailVerified?: boolean;
}

/**
 * Something that a user's account holds has changed. Ask user-service for the values: an event
 * holds no personal data.
 */
export interface UserUpdatedV1 {
  /** The user. A UUID. */
  userId: string;
  /** Names of what changed, such as firstName. */
  changedFields?: readonly string[];
}

/** A user gained or lost a role. */
export interface UserRoleChangedV1 {
  /** The user. A UUID. */
  userId: string;
  /** The role, such as PRO_USER. Readers must expect roles that are new. */
  role: string;
  /** Whether the user has the role from now on. */
  change: "GRANTED" | "REVOKED";
  /** Who changed it; absent if the platform did. A UUID. */
  changedBy?: string;
  /** Until when the user has the role; absent if it does not end. A time in ISO 8601. */
  expiresAt?: string;
}

/** A user's account is gone: every service erases what it keeps of the user. */
export interface UserDeletedV1 {
  /** The user. A UUID. */
  userId: string;
}

/** A learning session has begun. */
export interface SessionStartedV1 {
  /** The learning session. A UUID. */
  sessionId: string;
  /** The user. A UUID. */
  userId: string;
  /** How long it is expected to take. */
  estimatedDurationMinutes?: number;
}

/** All stages of a learning session are completed. */
export interface SessionCompletedV1 {
  /** The learning session. A UUID. */
  sessionId: string;
  /** The user. A UUID. */
  userId: string;
  /** How long it took. */
  actualDurationMinutes?: number;
  /** Quality of the result. */
  qualityScore?: number;
  /** What it cost, in US dollars, with all its digits. */
  costUsd?: string;
}

/** A stage of a learning session failed. A retry may still complete it. */
export interface SessionFailedV1 {
  /** The learning session. A UUID. */
  sessionId: string;
  /** The user. A UUID. */
  userId: string;
  /** The stage that failed. */
  failedStage?: number;
}

/** An agent works on a stage of a session. */
export interface AgentStartedV1 {
  /** The execution of the agent. A UUID. */
  executionId: string;
  /** The learning session. A UUID. */
  sessionId: string;
  /** Kind of agent, such as RESEARCH. Readers must expect kinds that are new. */
  agentType: string;
  /** Stage of the session that the agent works on. */
  stageNumber: number;
}

/** An agent has completed a stage of a session. */
export interface AgentCompletedV1 {
  /** The execution of the agent. A UUID. */
  executionId: string;
  /** The learning session. A UUID. */
  sessionId: string;
  /** Kind of agent, such as RESEARCH. Readers must expect kinds that are new. */
  agentType: string;
  /** Stage of the session that the agent works on. */
  stageNumber: number;
  /** How long it took, in milliseconds. */
  durationMs?: number;
  /** Tokens that the model used. */
  tokensUsed?: number;
  /** What it cost, in US dollars, with all its digits. */
  costUsd?: string;
}

/** An agent failed at a stage of a session. */
export interface AgentFailedV1 {
  /** The execution of the agent. A UUID. */
  executionId: string;
  /** The learning session. A UUID. */
  sessionId: string;
  /** Kind of agent, such as RESEARCH. Readers must expect kinds that are new. */
  agentType: string;
  /** Stage of the session that the agent works on. */
  stageNumber: number;
  /**
   * What went wrong, as a code. The text of an error may hold personal data, and stays in the
   * database.
   */
  errorCode?: string;
}

/** A piece of content is there for the first time. */
export interface ContentGeneratedV1 {
  /** The piece of content. A UUID. */
  contentId: string;
  /** The learning session. A UUID. */
  sessionId: string;
  /** Kind of content, such as QUIZ. Readers must expect kinds that are new. */
  contentType: string;
  /** Its version. */
  version: number;
  /** Quality, where it was scored at once. */
  qualityScore?: number;
}

/** A piece of content has a new version. */
export interface ContentUpdatedV1 {
  /** The piece of content. A UUID. */
  contentId: string;
  /** Its version from now on. */
  version: number;
}

/** The quality of a piece of content was scored. */
export interface ContentQualityScoredV1 {
  /** The piece of content. A UUID. */
  contentId: string;
  /** Its quality. */
  qualityScore: number;
  /** The version that was scored. */
  version?: number;
}

/** A piece of content is no longer offered. */
export interface ContentArchivedV1 {
  /** The piece of content. A UUID. */
  contentId: string;
  /** Why, as a code. */
  reason?: string;
}

/** A subscription is active from now on: it began, was renewed, or was paid at last. */
export interface PaymentSubscriptionActivatedV1 {
  /** The subscription. A UUID. */
  subscriptionId: string;
  /** The user. A UUID. */
  userId: string;
  /** The plan, such as PRO. Readers must expect plans that are new. */
  planType: string;
  /** How often it is paid, such as MONTHLY. */
  billingCycle?: string;
  /** End of the period that is paid. A time in ISO 8601. */
  currentPeriodEnd?: string;
}

/** A subscription was cancelled. */
export interface PaymentSubscriptionCancelledV1 {
  /** The subscription. A UUID. */
  subscriptionId: string;
  /** The user. A UUID. */
  userId: string;
  /** When it ends; absent if it has ended. A time in ISO 8601. */
  endsAt?: string;
}

/** A payment failed. */
export interface PaymentFailedV1 {
  /** The transaction. A UUID. */
  transactionId: string;
  /** The user. A UUID. */
  userId: string;
  /** The amount, in US dollars, with all its digits. */
  amountUsd: string;
  /** The subscription that it was for; absent if it was for none. A UUID. */
  subscriptionId?: string;
  /** Why, as the provider's code. */
  failureCode?: string;
}

/** Maintenance has begun. */
export interface SystemMaintenanceStartedV1 {
  /** Names of the services that may not answer. */
  services: readonly string[];
  /** When it is expected to end. A time in ISO 8601. */
  expectedEnd?: string;
}

/** An alert was triggered. */
export interface SystemAlertTriggeredV1 {
  /** Name of the alert. */
  alert: string;
  /** How bad it is, such as critical. Readers must expect others. */
  severity: string;
  /** The service that it is about. */
  service?: string;
}

/** What an event holds, by its type. Readers must expect properties that are new. */
export interface EventData {
  "user.registered.v1": UserRegisteredV1;
  "user.updated.v1": UserUpdatedV1;
  "user.role-changed.v1": UserRoleChangedV1;
  "user.deleted.v1": UserDeletedV1;
  "session.started.v1": SessionStartedV1;
  "session.completed.v1": SessionCompletedV1;
  "session.failed.v1": SessionFailedV1;
  "agent.started.v1": AgentStartedV1;
  "agent.completed.v1": AgentCompletedV1;
  "agent.failed.v1": AgentFailedV1;
  "content.generated.v1": ContentGeneratedV1;
  "content.updated.v1": ContentUpdatedV1;
  "content.quality-scored.v1": ContentQualityScoredV1;
  "content.archived.v1": ContentArchivedV1;
  "payment.subscription-activated.v1": PaymentSubscriptionActivatedV1;
  "payment.subscription-cancelled.v1": PaymentSubscriptionCancelledV1;
  "payment.failed.v1": PaymentFailedV1;
  "system.maintenance-started.v1": SystemMaintenanceStartedV1;
  "system.alert-triggered.v1": SystemAlertTriggeredV1;
}

/** The newest schema of each event type: JSON Schema, draft 7. */
export const EVENT_SCHEMAS = {
  "user.registered.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "user.registered.v1",
    description: "A user has an account.",
    type: "object",
    properties: {
      userId: { description: "The user.", type: "string", format: "uuid" },
      emailVerified: {
        description: "Whether the address was verified before, as by an identity provider.",
        type: "boolean",
      },
    },
    required: ["userId"],
  },
  "user.updated.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "user.updated.v1",
    description:
      "Something that a user's account holds has changed. Ask user-service for the values: an event holds no personal data.",
    type: "object",
    properties: {
      userId: { description: "The user.", type: "string", format: "uuid" },
      changedFields: {
        description: "Names of what changed, such as firstName.",
        type: "array",
        items: { type: "string" },
      },
    },
    required: ["userId"],
  },
  "user.role-changed.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "user.role-changed.v1",
    description: "A user gained or lost a role.",
    type: "object",
    properties: {
      userId: { description: "The user.", type: "string", format: "uuid" },
      role: {
        description: "The role, such as PRO_USER. Readers must expect roles that are new.",
        type: "string",
      },
      change: {
        description: "Whether the user has the role from now on.",
        type: "string",
        enum: ["GRANTED", "REVOKED"],
      },
      changedBy: {
        description: "Who changed it; absent if the platform did.",
        type: "string",
        format: "uuid",
      },
      expiresAt: {
        description: "Until when the user has the role; absent if it does not end.",
        type: "string",
        format: "date-time",
      },
    },
    required: ["userId", "role", "change"],
  },
  "user.deleted.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "user.deleted.v1",
    description: "A user's account is gone: every service erases what it keeps of the user.",
    type: "object",
    properties: { userId: { description: "The user.", type: "string", format: "uuid" } },
    required: ["userId"],
  },
  "session.started.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "session.started.v1",
    description: "A learning session has begun.",
    type: "object",
    properties: {
      sessionId: { description: "The learning session.", type: "string", format: "uuid" },
      userId: { description: "The user.", type: "string", format: "uuid" },
      estimatedDurationMinutes: {
        description: "How long it is expected to take.",
        type: "integer",
        minimum: 0,
      },
    },
    required: ["sessionId", "userId"],
  },
  "session.completed.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "session.completed.v1",
    description: "All stages of a learning session are completed.",
    type: "object",
    properties: {
      sessionId: { description: "The learning session.", type: "string", format: "uuid" },
      userId: { description: "The user.", type: "string", format: "uuid" },
      actualDurationMinutes: { description: "How long it took.", type: "integer", minimum: 0 },
      qualityScore: {
        description: "Quality of the result.",
        type: "number",
        minimum: 0,
        maximum: 1,
      },
      costUsd: {
        description: "What it cost, in US dollars, with all its digits.",
        type: "string",
        pattern: "^-?[0-9]+(\\.[0-9]+)?$",
      },
    },
    required: ["sessionId", "userId"],
  },
  "session.failed.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "session.failed.v1",
    description: "A stage of a learning session failed. A retry may still complete it.",
    type: "object",
    properties: {
      sessionId: { description: "The learning session.", type: "string", format: "uuid" },
      userId: { description: "The user.", type: "string", format: "uuid" },
      failedStage: {
        description: "The stage that failed.",
        type: "integer",
        minimum: 1,
        maximum: 8,
      },
    },
    required: ["sessionId", "userId"],
  },
  "agent.started.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "agent.started.v1",
    description: "An agent works on a stage of a session.",
    type: "object",
    properties: {
      executionId: { description: "The execution of the agent.", type: "string", format: "uuid" },
      sessionId: { description: "The learning session.", type: "string", format: "uuid" },
      agentType: {
        description: "Kind of agent, such as RESEARCH. Readers must expect kinds that are new.",
        type: "string",
      },
      stageNumber: {
        description: "Stage of the session that the agent works on.",
        type: "integer",
        minimum: 1,
        maximum: 8,
      },
    },
    required: ["executionId", "sessionId", "agentType", "stageNumber"],
  },
  "agent.completed.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "agent.completed.v1",
    description: "An agent has completed a stage of a session.",
    type: "object",
    properties: {
      executionId: { description: "The execution of the agent.", type: "string", format: "uuid" },
      sessionId: { description: "The learning session.", type: "string", format: "uuid" },
      agentType: {
        description: "Kind of agent, such as RESEARCH. Readers must expect kinds that are new.",
        type: "string",
      },
      stageNumber: {
        description: "Stage of the session that the agent works on.",
        type: "integer",
        minimum: 1,
        maximum: 8,
      },
      durationMs: {
        description: "How long it took, in milliseconds.",
        type: "integer",
        minimum: 0,
      },
      tokensUsed: { description: "Tokens that the model used.", type: "integer", minimum: 0 },
      costUsd: {
        description: "What it cost, in US dollars, with all its digits.",
        type: "string",
        pattern: "^-?[0-9]+(\\.[0-9]+)?$",
      },
    },
    required: ["executionId", "sessionId", "agentType", "stageNumber"],
  },
  "agent.failed.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "agent.failed.v1",
    description: "An agent failed at a stage of a session.",
    type: "object",
    properties: {
      executionId: { description: "The execution of the agent.", type: "string", format: "uuid" },
      sessionId: { description: "The learning session.", type: "string", format: "uuid" },
      agentType: {
        description: "Kind of agent, such as RESEARCH. Readers must expect kinds that are new.",
        type: "string",
      },
      stageNumber: {
        description: "Stage of the session that the agent works on.",
        type: "integer",
        minimum: 1,
        maximum: 8,
      },
      errorCode: {
        description:
          "What went wrong, as a code. The text of an error may hold personal data, and stays in the database.",
        type: "string",
      },
    },
    required: ["executionId", "sessionId", "agentType", "stageNumber"],
  },
  "content.generated.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "content.generated.v1",
    description: "A piece of content is there for the first time.",
    type: "object",
    properties: {
      contentId: { description: "The piece of content.", type: "string", format: "uuid" },
      sessionId: { description: "The learning session.", type: "string", format: "uuid" },
      contentType: {
        description: "Kind of content, such as QUIZ. Readers must expect kinds that are new.",
        type: "string",
      },
      version: { description: "Its version.", type: "integer", minimum: 1 },
      qualityScore: {
        description: "Quality, where it was scored at once.",
        type: "number",
        minimum: 0,
        maximum: 1,
      },
    },
    required: ["contentId", "sessionId", "contentType", "version"],
  },
  "content.updated.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "content.updated.v1",
    description: "A piece of content has a new version.",
    type: "object",
    properties: {
      contentId: { description: "The piece of content.", type: "string", format: "uuid" },
      version: { description: "Its version from now on.", type: "integer", minimum: 1 },
    },
    required: ["contentId", "version"],
  },
  "content.quality-scored.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "content.quality-scored.v1",
    description: "The quality of a piece of content was scored.",
    type: "object",
    properties: {
      contentId: { description: "The piece of content.", type: "string", format: "uuid" },
      qualityScore: { description: "Its quality.", type: "number", minimum: 0, maximum: 1 },
      version: { description: "The version that was scored.", type: "integer", minimum: 1 },
    },
    required: ["contentId", "qualityScore"],
  },
  "content.archived.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "content.archived.v1",
    description: "A piece of content is no longer offered.",
    type: "object",
    properties: {
      contentId: { description: "The piece of content.", type: "string", format: "uuid" },
      reason: { description: "Why, as a code.", type: "string" },
    },
    required: ["contentId"],
  },
  "payment.subscription-activated.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "payment.subscription-activated.v1",
    description:
      "A subscription is active from now on: it began, was renewed, or was paid at last.",
    type: "object",
    properties: {
      subscriptionId: { description: "The subscription.", type: "string", format: "uuid" },
      userId: { description: "The user.", type: "string", format: "uuid" },
      planType: {
        description: "The plan, such as PRO. Readers must expect plans that are new.",
        type: "string",
      },
      billingCycle: { description: "How often it is paid, such as MONTHLY.", type: "string" },
      currentPeriodEnd: {
        description: "End of the period that is paid.",
        type: "string",
        format: "date-time",
      },
    },
    required: ["subscriptionId", "userId", "planType"],
  },
  "payment.subscription-cancelled.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "payment.subscription-cancelled.v1",
    description: "A subscription was cancelled.",
    type: "object",
    properties: {
      subscriptionId: { description: "The subscription.", type: "string", format: "uuid" },
      userId: { description: "The user.", type: "string", format: "uuid" },
      endsAt: {
        description: "When it ends; absent if it has ended.",
        type: "string",
        format: "date-time",
      },
    },
    required: ["subscriptionId", "userId"],
  },
  "payment.failed.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "payment.failed.v1",
    description: "A payment failed.",
    type: "object",
    properties: {
      transactionId: { description: "The transaction.", type: "string", format: "uuid" },
      userId: { description: "The user.", type: "string", format: "uuid" },
      amountUsd: {
        description: "The amount, in US dollars, with all its digits.",
        type: "string",
        pattern: "^-?[0-9]+(\\.[0-9]+)?$",
      },
      subscriptionId: {
        description: "The subscription that it was for; absent if it was for none.",
        type: "string",
        format: "uuid",
      },
      failureCode: { description: "Why, as the provider's code.", type: "string" },
    },
    required: ["transactionId", "userId", "amountUsd"],
  },
  "system.maintenance-started.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "system.maintenance-started.v1",
    description: "Maintenance has begun.",
    type: "object",
    properties: {
      services: {
        description: "Names of the services that may not answer.",
        type: "array",
        items: { type: "string" },
      },
      expectedEnd: {
        description: "When it is expected to end.",
        type: "string",
        format: "date-time",
      },
    },
    required: ["services"],
  },
  "system.alert-triggered.v1": {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "system.alert-triggered.v1",
    description: "An alert was triggered.",
    type: "object",
    properties: {
      alert: { description: "Name of the alert.", type: "string" },
      severity: {
        description: "How bad it is, such as critical. Readers must expect others.",
        type: "string",
      },
      service: { description: "The service that it is about.", type: "string" },
    },
    required: ["alert", "severity"],
  },
} as const satisfies Record<EventType, object>;
