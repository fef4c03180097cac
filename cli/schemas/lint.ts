/** What is wrong with the schemas of events, without any server: npm run lint. */
import path from "node:path";

import Ajv from "ajv";
import addFormats from "ajv-formats";

import { EVENT_TYPES, SCHEMA_DIRECTORY } from "../../catalog/topics";
import { type EventSchema, EventSchemasError, readEventSchemas } from "../../event-schemas";
import { ROOT } from "../paths";

/**
 * Reports what the program would refuse, and what the validator of the client cannot use.
 * @returns lines for people, and whether anything was found
 */
export function lintSchemas(
  directory = path.join(ROOT, SCHEMA_DIRECTORY),
  types: readonly string[] = EVENT_TYPES,
): { lines: string[]; failed: boolean } {
  let schemas: EventSchema[];
  try {
    schemas = Object.values(readEventSchemas(directory, types)).flat();
  } catch (error) {
    if (error instanceof EventSchemasError) {
      return { lines: [error.message], failed: true };
    }
    throw error;
  }
  const faults = schemas.flatMap(validatorFaults);
  const found = faults.length === 1 ? "1 finding" : `${faults.length || "no"} findings`;
  return {
    lines: [...faults, `${schemas.length} event schemas linted: ${found}`],
    failed: faults.length > 0,
  };
}

/** In its strict mode, Ajv refuses unknown formats, and whatever has no effect. */
function validatorFaults({ file, schema }: EventSchema): string[] {
  const ajv = new Ajv({ strict: true, allErrors: true });
  addFormats(ajv);
  try {
    const validate = ajv.compile(schema);
    const examples = (schema.examples ?? []) as unknown[];
    return examples.flatMap((example, at) =>
      validate(example) ? [] : [`${file}: example ${at + 1}: ${ajv.errorsText(validate.errors)}`],
    );
  } catch (error) {
    return [`${file}: ${(error as Error).message}`];
  }
}
