import type { StepEventMetadata } from "@pulumi/pulumi/automation";

import { TYPES } from "../resource-types";
import type { Action, PlannedTopic } from "./plan";

/** Settings that the plan shows; a value of any other one stays out of it. */
const SETTINGS = [
  "partitions",
  "replicationFactor",
  "retention.ms",
  "cleanup.policy",
  "compression.type",
] as const;

type Inputs = Record<string, unknown> | undefined;

/** Topics that an update creates, changes, recreates or deletes, with the settings that differ. */
export function readTopics(
  steps: readonly StepEventMetadata[],
  actionOf: (step: StepEventMetadata) => Action,
): PlannedTopic[] {
  return steps
    .filter((step) => step.type === TYPES.topic && actionOf(step) !== "none")
    .map((step) => {
      const action = actionOf(step);
      const [before, after] = [step.old?.inputs, step.new?.inputs] as Inputs[];
      const changes = SETTINGS.map((setting) => ({
        setting,
        before: valueOf(before, setting),
        after: valueOf(after, setting),
      }));
      return {
        action,
        name: String((after ?? before)?.name),
        changes:
          action === "delete" ? [] : changes.filter((change) => change.before !== change.after),
      };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

function valueOf(inputs: Inputs, setting: string): string | undefined {
  const value = inputs?.[setting] ?? (inputs?.config as Inputs)?.[setting];
  return value === undefined ? undefined : String(value);
}
