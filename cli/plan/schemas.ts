import type { StepEventMetadata } from "@pulumi/pulumi/automation";

import { type SchemaHashes, subjectsOf } from "../../components/kafka/event-schemas-inputs";
import { TYPES } from "../resource-types";
import type { PlannedSchema } from "./plan";

/** Schemas of events that an update registers, or that the program no longer has, by topic and type. */
export function readSchemas(steps: readonly StepEventMetadata[]): PlannedSchema[] {
  return steps
    .filter(({ type }) => type === TYPES.schemas)
    .flatMap(({ op, old, new: planned }) => {
      const before = hashesIn(old);
      const after = op === "delete" ? {} : hashesIn(planned);
      const deletes = (planned ?? old)?.inputs.deletes === true;
      return [...registrations(before, after), ...departures(before, after, deletes)];
    })
    .sort((a, b) => key(a).localeCompare(key(b)));
}

const key = ({ topic, type, version }: PlannedSchema) =>
  `${topic} ${type} ${String(version ?? 0).padStart(6, "0")}`;

const hashesIn = (state: StepEventMetadata["new"]): SchemaHashes => {
  const { schemas } = state?.inputs ?? {};
  // An input that becomes known only during the update is a text.
  return typeof schemas === "object" && schemas !== null ? (schemas as SchemaHashes) : {};
};

const registrations = (before: SchemaHashes, after: SchemaHashes): PlannedSchema[] =>
  subjectsOf(after).flatMap(({ topic, type, hashes }) =>
    hashes.flatMap((hash, at) =>
      before[topic]?.[type]?.[at] === hash
        ? []
        : [{ topic, type, version: at + 1, action: "register" as const }],
    ),
  );

const departures = (before: SchemaHashes, after: SchemaHashes, deletes: boolean): PlannedSchema[] =>
  subjectsOf(before)
    .filter(({ topic, type }) => after[topic]?.[type] === undefined)
    .map(({ topic, type }) => ({ topic, type, action: deletes ? "delete" : "keep" }));
