import type { Plan } from "../../../../../cli/plan/plan";
import { PlanRecorder } from "../../../../../cli/plan/recorder";
import { createReport, type Report } from "../../../../../cli/report/facts";
import { type Findings, noFindings } from "../../../../../cli/update/findings";
import { TYPES } from "../../../support/mocks";
import { begins, ends, says, type Step } from "../../support/events";

type Values = Record<string, unknown>;
type Op = "create" | "update" | "replace" | "delete" | "same";

/** A step of a resource, whose inputs before it are those after it unless others are given. */
export const step = (op: Op, type: string, name: string, now: Values, old: Values = now): Step => ({
  ...{ op, type, name },
  ...(op === "create" ? {} : { old }),
  ...(op === "delete" ? {} : { now }),
});

const DAY_MS = 24 * 60 * 60 * 1000;

export const topic = (name: string, partitions: number, days: number): Values => ({
  ...{ name, partitions, replicationFactor: 1 },
  config: {
    "cleanup.policy": "delete",
    "retention.ms": String(days * DAY_MS),
    "compression.type": "snappy",
  },
});

export const topicStep = (op: Op, name: string, now = topic(name, 3, 30), old = now): Step =>
  step(op, TYPES.topic, `events-${name}`, now, old);

/** A user's rights on the broker, before and after. */
export const brokerRights = (op: Op, principal: string, now: string[], old = now): Step => {
  const inputs = (lines: string[]) => ({
    ...{ bootstrapServers: "localhost:1", adminUsername: "admin", adminPassword: "[secret]" },
    ...{ principal, rights: Object.fromEntries(lines.map((line) => [line, "allow"])) },
  });
  return step(op, TYPES.rights, `events-${principal}-rights`, inputs(now), inputs(old));
};

type Roles = Record<string, Values>;

export const databaseRights = (op: Op, database: string, now: Roles, old = now): Step =>
  step(
    op,
    TYPES.databaseRights,
    `${database}-rights`,
    { database, owner: "o", roles: now },
    { database, owner: "o", roles: old },
  );

export const container = (op: Op, service: string, volume?: string, now: Values = {}): Step => {
  const inputs = {
    name: `lp-${service}`,
    ...(volume === undefined ? {} : { volumes: [{ volumeName: volume }] }),
  };
  return step(op, TYPES.container, `${service}-container`, { ...inputs, ...now }, inputs);
};

type Files = Record<string, string>;

export const migrations = (op: Op, database: string, now: Files, old: Files = now): Step => {
  const inputs = (versioned: Files) => ({ database, versioned, repeatable: {} });
  return step(op, TYPES.migrations, `${database}-migrations`, inputs(now), inputs(old));
};

/** The plan of a preview with these steps, and these warnings of the engine. */
export function planWith(steps: Step[], warnings: string[] = []): Plan {
  const recorder = new PlanRecorder();
  steps.map(begins).forEach(recorder.onEvent);
  warnings.map((text) => says("warning", text)).forEach(recorder.onEvent);
  recorder.onEvent(ends({ op: "same", type: "pulumi:pulumi:Stack", name: "s", now: {}, old: {} }));
  return recorder.result();
}

export const COMMIT = { hash: "0123456789abcdef0123456789abcdef01234567", isEdited: false };

/** The report of a preview of stack dev that found this. */
export const reportOf = (findings: Partial<Findings>, error?: unknown): Report =>
  createReport({
    stack: "dev",
    commit: COMMIT,
    findings: { ...noFindings(), isNew: false, ...findings },
    error,
  });
