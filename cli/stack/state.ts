import type { OpenStack } from "./stack";

/** A resource of the stack's state with its secrets in clear: never to be printed. */
export interface KnownResource {
  urn: string;
  type: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

interface ExportedResource extends Partial<KnownResource> {
  urn: string;
  type: string;
  /** Whether it is left over from a replacement, to be deleted. */
  delete?: boolean;
}

/** The resources that the stack has, as its last update left them; none where it was never updated. */
export async function knownResources({ stack, isNew }: OpenStack): Promise<KnownResource[]> {
  if (isNew) {
    return [];
  }
  const { deployment } = await stack.exportStack();
  const { resources = [] } = deployment as { resources?: ExportedResource[] };
  return resources
    .filter((resource) => !resource.delete)
    .map(({ urn, type, inputs, outputs }) => ({
      urn,
      type,
      inputs: inClear(inputs),
      outputs: inClear(outputs),
    }));
}

const inClear = (values: Record<string, unknown> = {}): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, revealed(value)]));

/** A secret of an exported state is an object with the value as JSON text. */
function revealed(value: unknown): unknown {
  const { plaintext } = (value ?? {}) as { plaintext?: unknown };
  return typeof plaintext === "string" ? JSON.parse(plaintext) : value;
}
