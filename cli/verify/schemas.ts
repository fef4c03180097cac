/** The schemas of events in the registry, a line for each. */
import type { EventSchemasInputs } from "../../components/kafka/event-schemas-inputs";
import { compareSchemas } from "../drift/schemas";
import { TYPES } from "../resource-types";
import { type Check, judged } from "./finding";
import type { Platform } from "./platform";

export function schemaChecks({ resources }: Platform): Check[] {
  const known = resources.find(({ type }) => type === TYPES.schemas);
  if (known === undefined) {
    return [];
  }
  const state = known.outputs as unknown as EventSchemasInputs;
  return [
    {
      what: `schema registry at ${state.registryUrl}`,
      async ask() {
        return (await compareSchemas(state)).map(({ subject, differences }) =>
          judged(
            `schema ${subject.subject}`,
            differences,
            `version ${subject.hashes.length}, ${state.level}`,
          ),
        );
      },
    },
  ];
}
