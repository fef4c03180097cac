/** Where a run's time goes, for `npm run bench -- phases`: lines of JSON in the file that PLATFORM_TIMINGS names. */
import { appendFileSync } from "node:fs";

import type { EngineEvent } from "@pulumi/pulumi/automation";

import { logicalName } from "./resource-types";

const FILE = process.env.PLATFORM_TIMINGS;

/** Notes that a phase of the command ends now; a no-op unless somebody measures. */
export function mark(name: Mark, more: Record<string, unknown> = {}): void {
  if (FILE) {
    appendFileSync(FILE, `${JSON.stringify({ mark: name, at: now(), ...more })}\n`);
  }
}

type Mark = "loaded" | "prepared" | "planned" | "engine-start" | "engine-end" | "resource" | "end";

/** Milliseconds since the process started. */
const now = () => Math.round(performance.now());

/** Notes from the engine's events when it worked on which resource. */
export function timeEvents(onEvent: (event: EngineEvent) => void): (event: EngineEvent) => void {
  const started = new Map<string, number>();
  return (event) => {
    const begun = event.resourcePreEvent?.metadata;
    const ended = (event.resOutputsEvent ?? event.resOpFailedEvent)?.metadata;
    if (begun) {
      started.set(begun.urn, now());
    }
    if (ended) {
      const { urn, type, op } = ended;
      mark("resource", { type, name: logicalName(urn), op, start: started.get(urn) });
    }
    onEvent(event);
  };
}
