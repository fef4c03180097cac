/** Whether the data of an event is as the newest schema of its type says (docs/events.md of the platform). */
import type { ValidateFunction } from "ajv";

import { EVENT_SCHEMAS } from "../schema/event-data";
import type { NewEvent } from "./envelope";

/** The data of an event is not as its schema says, so that its readers would fail. */
export class EventDataError extends Error {
  public override readonly name = "EventDataError";
}

const validators = new Map<string, ValidateFunction>();

/**
 * Types that the platform does not have are not checked. The first event of a type takes about a millisecond more,
 * and the first of all the time to load Ajv.
 * @throws EventDataError that names each property with its fault, and none of its values
 */
export function checkEventData({ type, data }: Pick<NewEvent, "type" | "data">): void {
  if (!Object.hasOwn(EVENT_SCHEMAS, type)) {
    return;
  }
  const validate = validatorOf(type as keyof typeof EVENT_SCHEMAS);
  // Dates and undefined properties are others once they are JSON.
  if (!validate(JSON.parse(JSON.stringify(data ?? null)))) {
    const faults = (validate.errors ?? []).map(
      ({ instancePath, message }) => `data${instancePath.replaceAll("/", ".")} ${message ?? ""}`,
    );
    throw new EventDataError(`An event ${type} does not fit its schema: ${faults.join("; ")}`);
  }
}

function validatorOf(type: keyof typeof EVENT_SCHEMAS): ValidateFunction {
  let validate = validators.get(type);
  if (validate === undefined) {
    validate = loadAjv().compile(EVENT_SCHEMAS[type]);
    validators.set(type, validate);
  }
  return validate;
}

let ajv: import("ajv").default | undefined;

/* eslint-disable @typescript-eslint/no-require-imports -- a service that writes no event loads none of it. */
function loadAjv(): import("ajv").default {
  if (ajv === undefined) {
    const { default: Ajv } = require("ajv") as typeof import("ajv");
    const { default: addFormats } = require("ajv-formats") as typeof import("ajv-formats");
    ajv = new Ajv({ allErrors: true });
    addFormats(ajv);
  }
  return ajv;
}
/* eslint-enable @typescript-eslint/no-require-imports */
