import { engineMessage } from "../engine/messages";
import { EngineError } from "../engine/run";
import { FaultError } from "../fault";
import type { OpenStack } from "./stack";

/** A resource of the stack's state with its secrets in clear: never to be printed. */
export interface StackResource {
  urn: string;
  type: string;
  /** Identifier in its own system; empty where it has none. */
  id: string;
  protect: boolean;
  /** Whether a replacement left it to be deleted. */
  isLeftover: boolean;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

/** A resource as the engine exports it. */
export interface ExportedResource {
  urn: string;
  type: string;
  id?: string;
  protect?: boolean;
  delete?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/**
 * Reads every resource of the stack, as its last update left it; none where it was never updated.
 * @throws FaultError with the engine's message where it cannot export the state
 */
export async function readState({ stack }: Pick<OpenStack, "stack">): Promise<StackResource[]> {
  const { deployment } = await stack.exportStack().catch((error: unknown) => {
    throw error instanceof EngineError ? new FaultError([engineMessage(error)]) : error;
  });
  const { resources = [] } = (deployment ?? {}) as { resources?: ExportedResource[] };
  return resources.map((resource) => ({
    urn: resource.urn,
    type: resource.type,
    id: resource.id ?? "",
    protect: resource.protect ?? false,
    isLeftover: resource.delete ?? false,
    inputs: decrypted(resource.inputs),
    outputs: decrypted(resource.outputs),
  }));
}

/** Reads the resources that the stack has, without those that a replacement left to be deleted. */
export const readResources = async (opened: Pick<OpenStack, "stack">): Promise<StackResource[]> =>
  (await readState(opened)).filter(({ isLeftover }) => !isLeftover);

const decrypted = (values: Record<string, unknown> = {}): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, plainValue(value)]));

/** A secret of an exported state is an object with the value as JSON text, at any depth. */
function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(plainValue);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const { plaintext } = value as { plaintext?: unknown };
  return typeof plaintext === "string"
    ? JSON.parse(plaintext)
    : decrypted(value as Record<string, unknown>);
}
