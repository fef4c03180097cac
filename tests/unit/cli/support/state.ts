import type { StackResource } from "../../../../cli/stack/state";

/** A resource of a stack's state; its outputs are its inputs unless more says otherwise. */
export const stackResource = (
  type: string,
  urn: string,
  inputs: Record<string, unknown> = {},
  more: Partial<StackResource> = {},
): StackResource => ({
  ...{ urn, type, id: urn, protect: false, isLeftover: false },
  ...{ inputs, outputs: inputs },
  ...more,
});
