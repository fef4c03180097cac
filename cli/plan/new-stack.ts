/** The plan of a stack that does not exist yet. */
import * as pulumi from "@pulumi/pulumi";
import type { StepEventMetadata } from "@pulumi/pulumi/automation";

import type { AccessPoints } from "../../contract/outputs";
import { loadProgram } from "../engine/program";
import { TYPES } from "../resource-types";
import { PROJECT } from "../stack/local-state";
import { secretKeys, stackValues } from "../stack/settings";
import type { Plan } from "./plan";
import { PlanRecorder } from "./recorder";

/**
 * Plans the first update of a stack by running the program alone. Without a state everything is created, and no
 * server knows anything to compare, so that a preview of the engine adds nothing but seconds.
 */
export async function planNewStack(stack: string): Promise<Plan> {
  const recorder = new PlanRecorder();
  const errors = new Set<unknown>();
  const note = (error: unknown) => void errors.add(error);
  const events = ["uncaughtException", "unhandledRejection"] as const;
  events.forEach((event) => process.on(event, note));
  try {
    await runProgram(stack, recorder);
  } catch (error) {
    note(error);
  } finally {
    // What failed in the program is rejected in this turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    events.forEach((event) => process.off(event, note));
  }
  const plan = recorder.result();
  return { ...plan, errors: [...plan.errors, ...new Set([...errors].map(messageOf))] };
}

async function runProgram(stack: string, recorder: PlanRecorder): Promise<void> {
  const newResource = (resource: pulumi.runtime.MockResourceArgs) => {
    recorder.onEvent({ ...EVENT, resourcePreEvent: { metadata: creation(stack, resource) } });
    return { id: "", state: resource.inputs };
  };
  const call = ({ token }: pulumi.runtime.MockCallArgs) => {
    throw new Error(`The program calls ${token}, which needs a server.`);
  };
  await pulumi.runtime.setMocks({ newResource, call }, PROJECT, stack, true);
  pulumi.runtime.setAllConfig(stackValues(stack), secretKeys(stack));
  const program = loadProgram();
  const warn = (message: string) => {
    const diagnosticEvent = { message, severity: "warning", color: "never" } as const;
    recorder.onEvent({ ...EVENT, diagnosticEvent });
  };
  let accessPoints: AccessPoints | undefined;
  await pulumi.runtime.runInPulumiStack(async () => {
    const outputs = await program(warn);
    ({ accessPoints } = outputs);
    return outputs;
  });
  await pulumi.runtime.disconnect();
  const root = { type: TYPES.stack, name: `${PROJECT}-${stack}`, inputs: {} };
  const metadata = creation(stack, root, { accessPoints });
  recorder.onEvent({ ...EVENT, resOutputsEvent: { metadata } });
}

const EVENT = { sequence: 0, timestamp: 0 };

/** The step with which the engine would announce a resource that it creates. */
function creation(
  stack: string,
  { type, name, inputs }: { type: string; name: string; inputs: Record<string, unknown> },
  outputs: Record<string, unknown> = {},
): StepEventMetadata {
  const urn = `urn:pulumi:${stack}::${PROJECT}::${type}::${name}`;
  const planned = { urn, type, id: "", parent: "", provider: "", initErrors: [], inputs, outputs };
  return { op: "create", urn, type, new: planned, provider: "" };
}

/** A fault of the user has a message; a bug needs its trace. */
const messageOf = (error: unknown): string =>
  pulumi.RunError.isInstance(error)
    ? error.message
    : `Unhandled exception: ${String((error as Error | undefined)?.stack ?? error)}`;
