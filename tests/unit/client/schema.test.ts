import assert from "node:assert/strict";

import { types } from "pg";

import type {
  AgentExecutionRow,
  LearningSessionRow,
} from "../../../client/src/schema/agent_orchestrator_db";
import { rowTypes, toTimestamp } from "../../../client/src/schema/column-types";
import type { ContentSearchIndexRow } from "../../../client/src/schema/content_service_db";
import {
  toAgentExecutionDto,
  toContentDto,
  toLearningSessionDto,
  toUserDto,
} from "../../../client/src/schema/dtos";
import { EventType, Topic, TOPIC_OF } from "../../../client/src/schema/events";
import type { InvoiceInsert, InvoiceUpdate } from "../../../client/src/schema/payment_service_db";
import {
  completedStages,
  currentStage,
  progressPercentage,
} from "../../../client/src/schema/progress";
import { ROLE_VALUES, type UserRow } from "../../../client/src/schema/user_service_db";
import { EVENT_TYPES, TOPICS } from "../../support/contract";

const user: UserRow = {
  id: "6f2c1d0e-8f0b-4a57-9d43-3a0c5b1c7e11",
  email: "ada@example.com",
  password_hash: "secret",
  first_name: "Ada",
  last_name: "Lovelace",
  email_verified: true,
  created_at: "2026-11-27T03:53:50.123456Z",
  updated_at: "2026-11-27T03:53:50.123456Z",
};
const role = {
  id: "0b6c3a52-63ab-4bb1-ae40-7c3c1c6c3c1e",
  user_id: user.id,
  role: "PRO_USER",
  granted_at: user.created_at,
  expires_at: null,
  granted_by: null,
  revoked_at: null,
} as const;

describe("The schema's types in TypeScript", () => {
  it("take an insert without what the database fills in, and an update without what it keeps", () => {
    const insert: InvoiceInsert = { user_id: user.id, amount_due_usd: "9.90" };
    const full: InvoiceInsert = {
      ...insert,
      invoice_number: "A-1",
      due_date: null,
      line_items: [],
    };
    const update: InvoiceUpdate = { status: "PAID" };
    assert.ok(insert && full && update);
    // @ts-expect-error an insert needs the columns without a default
    const short: InvoiceInsert = { user_id: user.id };
    // @ts-expect-error a check lists the values
    const unknown: InvoiceInsert = { ...insert, status: "LOST" };
    // @ts-expect-error only a nullable column takes null
    const empty: InvoiceInsert = { ...insert, currency: null };
    // @ts-expect-error money is a string: a number would lose digits
    const number: InvoiceInsert = { ...insert, amount_due_usd: 9.9 };
    // @ts-expect-error the key of a row does not change
    const moved: InvoiceUpdate = { id: user.id };
    // @ts-expect-error a trigger sets it
    const backdated: InvoiceUpdate = { updated_at: user.updated_at };
    // @ts-expect-error an invoice's number does not change
    const renumbered: InvoiceUpdate = { invoice_number: "A-2" };
    // @ts-expect-error there is no such column
    const other: ContentSearchIndexRow["content"] = "";
    assert.ok([short, unknown, empty, number, moved, backdated, renumbered, other]);
  });

  it("list the values of a check", () => {
    assert.deepEqual(ROLE_VALUES, [
      "FREE_USER",
      "PRO_USER",
      "ENTERPRISE_USER",
      "ADMIN",
      "SUPER_ADMIN",
    ]);
  });

  const timestamps = {
    "2026-11-27 03:53:50+00": "2026-11-27T03:53:50Z",
    "2026-11-27 03:53:50.5+00": "2026-11-27T03:53:50.500Z",
    "2026-11-27 03:53:50.1234+00": "2026-11-27T03:53:50.123400Z",
    "2026-11-27 00:23:50.123456-03:30": "2026-11-27T03:53:50.123456Z",
    "2026-01-01 05:29:59.999999+05:30": "2025-12-31T23:59:59.999999Z",
    "1899-12-31 20:29:08.5-03:30:52": "1900-01-01T00:00:00.500Z",
    infinity: "infinity",
    "0044-03-15 12:00:00+00 BC": "0044-03-15 12:00:00+00 BC",
  };
  for (const [text, instant] of Object.entries(timestamps)) {
    it(`read the timestamp ${text} as ${instant}`, () => {
      assert.equal(toTimestamp(text), instant);
    });
  }

  it("leave the types to pg that it reads without a loss", () => {
    const { getTypeParser } = rowTypes;
    assert.equal(getTypeParser(types.builtins.DATE)("2026-11-27"), "2026-11-27");
    assert.equal(getTypeParser(types.builtins.INT4)("7"), 7);
    assert.deepEqual(getTypeParser(types.builtins.JSONB)('{"a":[1]}'), { a: [1] });
  });
});

describe("The DTOs", () => {
  it("leave out secrets, what is null, and revoked roles", () => {
    const revoked = { ...role, id: user.id, revoked_at: user.created_at };
    const preference = {
      id: role.id,
      user_id: user.id,
      preference_key: "theme",
      preference_value: "dark",
      created_at: user.created_at,
      updated_at: user.created_at,
    };
    assert.deepEqual(JSON.parse(JSON.stringify(toUserDto(user, [role, revoked], [preference]))), {
      id: user.id,
      email: "ada@example.com",
      firstName: "Ada",
      lastName: "Lovelace",
      emailVerified: true,
      createdAt: user.created_at,
      updatedAt: user.updated_at,
      roles: [{ id: role.id, role: "PRO_USER", grantedAt: user.created_at }],
      preferences: { theme: "dark" },
    });
  });

  it("keep a null that is content", () => {
    const dto = toContentDto(
      {
        id: user.id,
        session_id: role.id,
        content_type: "QUIZ",
        title: "Fractions",
        content_data: null,
        file_path: null,
        version: 1,
        quality_score: "0.5000",
        word_count: 0,
        estimated_reading_time_minutes: null,
        created_at: user.created_at,
        updated_at: user.updated_at,
      },
      [],
    );
    assert.deepEqual(JSON.parse(JSON.stringify(dto)), {
      id: user.id,
      sessionId: role.id,
      contentType: "QUIZ",
      title: "Fractions",
      contentData: null,
      version: 1,
      qualityScore: "0.5000",
      wordCount: 0,
      createdAt: user.created_at,
      updatedAt: user.updated_at,
      metadata: {},
    });
  });

  it("have the contract's properties", () => {
    const execution: AgentExecutionRow = {
      id: role.id,
      session_id: user.id,
      agent_type: "RESEARCH",
      stage_number: 1,
      status: "COMPLETED",
      input_data: {},
      output_data: {},
      error_message: "",
      llm_provider: "",
      llm_model: "",
      tokens_used: 0,
      cost_usd: "0.000000",
      started_at: "2026-11-27T10:00:00.000001Z",
      completed_at: "2026-11-27T10:02:30Z",
      created_at: user.created_at,
    };
    const session: LearningSessionRow = {
      id: user.id,
      user_id: user.id,
      topic: "Fractions",
      status: "IN_PROGRESS",
      estimated_duration_minutes: 0,
      actual_duration_minutes: 0,
      quality_score: "0.0000",
      cost_usd: "0.000000",
      created_at: user.created_at,
      completed_at: user.created_at,
    };
    const dto = toLearningSessionDto(session, [execution]);
    assert.deepEqual(
      Object.keys(dto).join(" "),
      "id userId topic status estimatedDurationMinutes actualDurationMinutes qualityScore costUsd " +
        "createdAt completedAt agentExecutions progressPercentage currentStage",
    );
    assert.deepEqual(
      Object.keys(dto.agentExecutions[0]).join(" "),
      "id sessionId agentType stageNumber status inputData outputData errorMessage llmProvider " +
        "llmModel tokensUsed costUsd startedAt completedAt createdAt durationMinutes",
    );
    assert.equal(dto.agentExecutions[0].durationMinutes, 3);
    const running = toAgentExecutionDto({ ...execution, completed_at: null });
    assert.equal(running.durationMinutes, undefined);
  });

  const stages: [string, number[], progress: number, stage: number][] = [
    ["nothing", [], 0, 1],
    ["two stages, and one of them twice", [1, 2, 2], 25, 3],
    ["a later stage first", [2, 3, 4], 38, 1],
    ["all stages", [1, 2, 3, 4, 5, 6, 7, 8], 100, 8],
  ];
  for (const [done, numbers, progress, stage] of stages) {
    it(`show ${progress} % and stage ${stage} after ${done}`, () => {
      const executions = [
        ...numbers.map((stage_number) => ({ stage_number, status: "COMPLETED" })),
        { stage_number: 5, status: "FAILED" },
      ] as AgentExecutionRow[];
      const completed = completedStages(executions);
      assert.deepEqual([progressPercentage(completed), currentStage(completed)], [progress, stage]);
    });
  }
});

describe("The names of topics and events in TypeScript", () => {
  it("are the contract's, and each event has its topic", () => {
    assert.deepEqual(Object.values(Topic).sort(), Object.keys(TOPICS).sort());
    assert.deepEqual(Object.values(EventType), EVENT_TYPES);
    assert.deepEqual(Object.keys(TOPIC_OF), EVENT_TYPES);
    assert.equal(TOPIC_OF[EventType.USER_ROLE_CHANGED_V1], "user-events");
    assert.equal(TOPIC_OF[EventType.PAYMENT_FAILED_V1], "payment-events");
  });
});
