import type { RegistryServer } from "./registry-client";

/** SHA-256 of each version's schema, the oldest first: by topic, and by event type in it. */
export type SchemaHashes = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** What the state holds of the schemas of events. */
export interface EventSchemasInputs {
  registryUrl: string;
  username: string;
  password: string;
  /** PEM of the authorities to trust; absent for those of the system. */
  trusted?: string;
  /** Folder of the schemas, from the root of the program. */
  directory: string;
  /** The level of compatibility of every subject. */
  level: string;
  schemas: SchemaHashes;
  /** Stated where the schemas go with the stack. */
  deletes?: true;
}

export const registryOf = (inputs: EventSchemasInputs): RegistryServer => ({
  url: inputs.registryUrl,
  login: { username: inputs.username, password: inputs.password },
  trusted: inputs.trusted,
});

/** The schema of one event type in a registry. */
export interface Subject {
  subject: string;
  topic: string;
  type: string;
  hashes: readonly string[];
}

/**
 * The subjects of all schemas. A topic carries several types of events, so each type has a subject of its own:
 * `user-events-user.registered.v1`, as Confluent's TopicRecordNameStrategy names it.
 */
export const subjectsOf = (schemas: SchemaHashes): Subject[] =>
  Object.entries(schemas).flatMap(([topic, types]) =>
    Object.entries(types).map(([type, hashes]) => ({
      ...{ subject: `${topic}-${type}`, topic, type, hashes },
    })),
  );
