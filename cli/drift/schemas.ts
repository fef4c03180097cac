/** Schemas of events that are missing in the registry, or were changed there by hand. */
import {
  type EventSchemasInputs,
  registryOf,
  type Subject,
  subjectsOf,
} from "../../components/kafka/event-schemas-inputs";
import {
  forEachSubject,
  subjectDifferences,
} from "../../components/kafka/registered-schemas-client";
import { RegistryClient, RegistryUnreachableError } from "../../components/kafka/registry-client";
import { TYPES } from "../resource-types";
import type { StackResource } from "../stack/state";
import type { Drift, DriftReport } from "./drift";

export async function checkSchemas(resources: readonly StackResource[]): Promise<DriftReport> {
  const known = resources.find(({ type }) => type === TYPES.schemas);
  return known === undefined ? { found: [], unanswered: [] } : checkRegistry(known);
}

async function checkRegistry({ urn, outputs }: StackResource): Promise<DriftReport> {
  const state = outputs as unknown as EventSchemasInputs;
  const title = `Schema registry at ${state.registryUrl}`;
  try {
    const compared = await compareSchemas(state);
    const found = compared.flatMap(({ subject, differences }): Drift[] =>
      differences.map((text) => ({ urn, sentence: `schema ${subject.subject}: ${text}` })),
    );
    return { found, unanswered: [] };
  } catch (error) {
    return error instanceof RegistryUnreachableError
      ? { found: [], unanswered: [title] }
      : { found: [{ sentence: `${title}: ${(error as Error).message}` }], unanswered: [] };
  }
}

/** What differs of each subject that the state has. @throws RegistryUnreachableError or RegistryError */
export async function compareSchemas(
  state: EventSchemasInputs,
): Promise<{ subject: Subject; differences: string[] }[]> {
  const client = new RegistryClient(registryOf(state), 1);
  // The first request logs in, and the others find the registry knowing the user.
  await client.subjects();
  return forEachSubject(subjectsOf(state.schemas), async (subject) => ({
    subject,
    differences: await subjectDifferences(client, subject, state.level),
  }));
}
