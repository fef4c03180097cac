import { hostname } from "node:os";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { LABELS, STATE_FOLDER } from "../../catalog/labels";

export interface LabelledStack {
  stack: string;
  /** First port of the stack's block of ports. */
  firstPort: number;
  /** 0: for ever. */
  timeToLiveHours: number;
}

/** Time of this run. Docker cannot change a label, so that objects keep the time of the run that made them. */
const NOW = new Date();
const HOUR_MS = 3_600_000;

/**
 * Labels of what a stack makes in Docker. Its resources ignore later changes of them: a new label would replace a volume
 * with its data.
 */
export function platformLabels({ stack, firstPort, timeToLiveHours }: LabelledStack) {
  const expires = new Date(NOW.getTime() + timeToLiveHours * HOUR_MS);
  const state = stateFolder();
  const values: Partial<Record<keyof typeof LABELS, string>> = {
    project: pulumi.getProject(),
    stack,
    created: NOW.toISOString(),
    ...(timeToLiveHours > 0 ? { expires: expires.toISOString() } : {}),
    firstPort: String(firstPort),
    ...(state === undefined ? {} : { state }),
  };
  return Object.entries(values).map(([key, value]) => ({
    label: LABELS[key as keyof typeof LABELS],
    value,
  }));
}

/** Undefined where the state is not in a folder. */
function stateFolder(): string | undefined {
  const backend = process.env.PULUMI_BACKEND_URL || `file://${join(process.cwd(), STATE_FOLDER)}`;
  const folder = /^file:\/\/(\/[^?]*)/.exec(backend)?.[1];
  return folder && `${hostname()}:${folder}`;
}
