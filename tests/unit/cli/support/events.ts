import type {
  EngineEvent,
  OpType,
  StepEventMetadata,
  StepEventStateMetadata,
} from "@pulumi/pulumi/automation";

type Values = Record<string, unknown>;

/** One step of a resource, as the engine reports it. */
export interface Step {
  op: OpType;
  type: string;
  name: string;
  /** Inputs after the step; undefined where the resource is gone then. */
  now?: Values;
  /** Outputs, which here are the inputs too, before the step; undefined where it was not there. */
  old?: Values;
  /** Protection from deletion before and after the step; the engine leaves out what is not protected. */
  protect?: { old?: boolean; now?: boolean };
}

export function metadata({ op, type, name, now, old, protect }: Step): StepEventMetadata {
  const urn = `urn:pulumi:dev::learning-platform::learning-platform:platform:DataPlatform$${type}::${name}`;
  const state = (values?: Values, isProtected?: boolean): StepEventStateMetadata | undefined =>
    values && {
      ...{ type, urn, id: name, parent: "", provider: "", inputs: values, outputs: values },
      ...(isProtected === undefined ? {} : { protect: isProtected }),
    };
  const [before, after] = [state(old, protect?.old), state(now, protect?.now)];
  return { op, urn, type, old: before, new: after, provider: "" };
}

const event = (more: Partial<EngineEvent>): EngineEvent => ({ sequence: 0, timestamp: 0, ...more });

export const begins = (step: Step) =>
  event({ resourcePreEvent: { metadata: metadata(step), planning: false } });

export const ends = (step: Step) =>
  event({ resOutputsEvent: { metadata: metadata(step), planning: false } });

export const fails = (step: Step) =>
  event({ resOpFailedEvent: { metadata: metadata(step), status: 0, steps: 0 } });

export const says = (
  severity: "info" | "info#err" | "warning" | "error",
  message: string,
): EngineEvent => event({ diagnosticEvent: { message, color: "raw", severity } });
