/** What a registry has of the schemas of events, compared with what it should have. */
import { schemaHash } from "../../event-schemas";
import type { Subject } from "./event-schemas-inputs";
import type { RegistryClient } from "./registry-client";

/** A version that a registry has, by the hash of its schema. */
export type Registered = ReadonlyMap<string, number>;

/** The versions that a registry has of a subject, the oldest first. */
export async function registered(
  client: Pick<RegistryClient, "versions" | "schema">,
  subject: string,
): Promise<Registered> {
  const versions = await client.versions(subject);
  const schemas = await Promise.all(versions.map((version) => client.schema(subject, version)));
  return new Map(
    versions.flatMap((version, index) =>
      schemas[index] === undefined ? [] : [[schemaHash(schemas[index]), version] as const],
    ),
  );
}

/** What differs of one subject, each the end of a sentence; none where all is as it should be. */
export async function subjectDifferences(
  client: Pick<RegistryClient, "versions" | "schema" | "level">,
  { subject, hashes }: Subject,
  wantedLevel: string,
): Promise<string[]> {
  const [present, level] = await Promise.all([registered(client, subject), client.level(subject)]);
  if (present.size === 0) {
    return ["missing"];
  }
  return [
    ...hashes.flatMap((hash, at) => (present.has(hash) ? [] : [`version ${at + 1} is missing`])),
    ...[...present]
      .filter(([hash]) => !hashes.includes(hash))
      .map(([, version]) => `version ${version} of the registry was added`),
    ...(level === wantedLevel
      ? []
      : [`compatibility is ${level ?? "not set"}, should be ${wantedLevel}`]),
  ];
}

/** Requests that are made at the same time. */
const AT_ONCE = 8;

/** Does the same with each subject, some at the same time. */
export async function forEachSubject<T, R>(
  subjects: readonly T[],
  act: (subject: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < subjects.length) {
      const index = next++;
      results[index] = await act(subjects[index]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
