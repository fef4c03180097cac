/** Runs in Pulumi's plugin process: what EventSchemas does on a registry. */
import { isDeepStrictEqual } from "node:util";

import type * as pulumi from "@pulumi/pulumi";

import { EVENT_TYPES } from "../../catalog/topics";
import { type EventSchema, readEventSchemas } from "../../event-schemas";
import { endPluginWithEngine } from "../../runtime/engine-lifetime";
import {
  type EventSchemasInputs,
  registryOf,
  type SchemaHashes,
  type Subject,
  subjectsOf,
} from "./event-schemas-inputs";
import { forEachSubject, registered, subjectDifferences } from "./registered-schemas-client";
import { RegistryClient, RegistryError, RegistryUnreachableError } from "./registry-client";

endPluginWithEngine();

interface State extends EventSchemasInputs {
  /** One sentence for each difference that a refresh found. The next update undoes it. */
  drift?: string[];
}

/** Pulumi's placeholder for a value that a preview does not know yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Refuses versions that contradict those that were registered, and those that the registry would refuse. */
export async function check(
  olds: Partial<State>,
  news: EventSchemasInputs,
): Promise<pulumi.dynamic.CheckResult> {
  const isKnown = !Object.values(news).includes(UNKNOWN);
  const faults = [
    ...changedVersions(olds.schemas ?? {}, news),
    ...(isKnown ? await registryFaults(olds.schemas ?? {}, news) : []),
  ];
  // The engine prints the property before each reason: a short one.
  return { inputs: news, failures: faults.map((reason) => ({ property: "directory", reason })) };
}

/** Versions that are in the state, and that the files no longer have as they were. */
function changedVersions(olds: SchemaHashes, { directory, schemas }: EventSchemasInputs): string[] {
  return subjectsOf(olds).flatMap(({ topic, type, hashes }) => {
    const now = schemas[topic]?.[type];
    return hashes.flatMap((hash, at) =>
      now === undefined || now[at] === hash
        ? []
        : [
            `${directory}/${type}/${at + 1}.json was registered, and is ` +
              `${now[at] === undefined ? "gone" : "not the same any more"}. Restore it; put a change into a new version.`,
          ],
    );
  });
}

/** What the registry says of the subjects that change. It is not asked about the others. */
async function registryFaults(olds: SchemaHashes, news: EventSchemasInputs): Promise<string[]> {
  const changing = subjectsOf(news.schemas).filter(
    ({ topic, type, hashes }) => !isDeepStrictEqual(olds[topic]?.[type], hashes),
  );
  if (changing.length === 0) {
    return [];
  }
  try {
    const client = new RegistryClient(registryOf(news), 1);
    const present = new Set(await client.subjects());
    const files = readFiles(news);
    const found = await forEachSubject(
      changing.filter(({ subject }) => present.has(subject)),
      (subject) => subjectFaults(client, subject, files[subject.type], olds),
    );
    return found.flat();
  } catch (error) {
    if (error instanceof RegistryUnreachableError) {
      // Not created yet, or stopped. The update reports that when it registers the schemas.
      return [];
    }
    if (error instanceof RegistryError) {
      return [error.message];
    }
    throw error;
  }
}

async function subjectFaults(
  client: RegistryClient,
  { subject, topic, type, hashes }: Subject,
  files: readonly EventSchema[],
  olds: SchemaHashes,
): Promise<string[]> {
  const there = await registered(client, subject);
  const strangers = [...there].filter(([hash]) => !hashes.includes(hash));
  if (strangers.length > 0 && olds[topic]?.[type] === undefined) {
    return strangers.map(([, version]) => unknownVersion(subject, version));
  }
  const missing = files.filter(({ hash }) => !there.has(hash));
  const found = await Promise.all(
    missing.map(async ({ file, text }) => {
      const reasons = await client.incompatibilities(subject, text);
      return reasons.length > 0
        ? [`${file}: the registry refuses it for ${subject}: ${reasons.join("; ")}`]
        : [];
    }),
  );
  return found.flat();
}

const unknownVersion = (subject: string, version: number) =>
  `${subject} has a version ${version} in the registry that no file has. Add it as a file, or delete it there.`;

export async function diff(
  _id: string,
  olds: State,
  news: EventSchemasInputs,
): Promise<pulumi.dynamic.DiffResult> {
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(
    (key) => !key.startsWith("__") && key !== "drift",
  ) as (keyof EventSchemasInputs)[];
  const changes =
    (olds.drift ?? []).length > 0 || keys.some((key) => !isDeepStrictEqual(olds[key], news[key]));
  // A registry with a new address is the same registry, with its schemas.
  return { changes };
}

export async function create(inputs: EventSchemasInputs): Promise<pulumi.dynamic.CreateResult> {
  const id = inputs.registryUrl;
  return { id, outs: await apply(id, { ...inputs, schemas: {} }, inputs) };
}

export async function update(
  id: string,
  olds: State,
  news: EventSchemasInputs,
): Promise<pulumi.dynamic.UpdateResult> {
  return { outs: await apply(id, olds, news) };
}

async function apply(id: string, olds: State, news: EventSchemasInputs): Promise<State> {
  const client = new RegistryClient(registryOf(news));
  const files = readFiles(news);
  assertAsPlanned(files, news);
  const done: Record<string, Record<string, readonly string[]>> = {};
  const failures: string[] = [];
  // The first request logs in, and the others find the registry knowing the user.
  const present = new Set(await client.subjects());
  await forEachSubject(subjectsOf(news.schemas), async (subject) => {
    const { topic, type, hashes } = subject;
    try {
      await register(client, subject, files[type], {
        level: news.level,
        isThere: present.has(subject.subject),
        isOwn: olds.schemas[topic]?.[type] !== undefined,
      });
      (done[topic] ??= {})[type] = hashes;
    } catch (error) {
      failures.push((error as Error).message);
    }
  });
  if (failures.length > 0) {
    // With an id and properties, the engine records the resource and the schemas that are registered.
    throw Object.assign(new Error(failures.join("\n")), {
      id,
      properties: { ...news, schemas: inOrderOf(news.schemas, done) },
      reasons: failures,
    });
  }
  await leave(client, without(olds.schemas, news.schemas), news.deletes);
  return news;
}

interface Registration {
  level: string;
  /** Whether the registry has the subject. */
  isThere: boolean;
  /** Whether the subject is the stack's, so that what others added is removed. */
  isOwn: boolean;
}

async function register(
  client: RegistryClient,
  { subject, hashes }: Subject,
  files: readonly EventSchema[],
  { level, isThere, isOwn }: Registration,
): Promise<void> {
  const there = isThere ? await registered(client, subject) : new Map<string, number>();
  for (const [, version] of [...there].filter(([hash]) => !hashes.includes(hash))) {
    if (!isOwn) {
      throw new Error(unknownVersion(subject, version));
    }
    await client.deleteVersion(subject, version);
  }
  const missing = files.filter(({ hash }) => !there.has(hash));
  if (there.size === 0) {
    // Some registries take a level only for a subject that they have.
    await client.register(subject, missing[0].text);
  }
  if (there.size === 0 || (await client.level(subject)) !== level) {
    await client.setLevel(subject, level);
  }
  for (const { text } of missing.slice(there.size === 0 ? 1 : 0)) {
    await client.register(subject, text);
  }
}

const readFiles = ({ directory }: EventSchemasInputs) => readEventSchemas(directory, EVENT_TYPES);

/** Refuses files that were edited between the plan and its execution. */
function assertAsPlanned(
  files: Readonly<Record<string, readonly EventSchema[]>>,
  { directory, schemas }: EventSchemasInputs,
): void {
  for (const { type, hashes } of subjectsOf(schemas)) {
    const now = files[type]?.map(({ hash }) => hash);
    if (!isDeepStrictEqual(now, [...hashes])) {
      throw new Error(
        `${directory}/${type} changed since the plan was made; run the command again.`,
      );
    }
  }
}

/** The part of the schemas that was done, in the same order, so that it does not count as changed. */
const inOrderOf = (all: SchemaHashes, done: SchemaHashes): SchemaHashes =>
  Object.fromEntries(
    Object.entries(all).map(([topic, types]) => [
      topic,
      Object.fromEntries(Object.entries(types).filter(([type]) => done[topic]?.[type])),
    ]),
  );

const without = (all: SchemaHashes, kept: SchemaHashes): Subject[] =>
  subjectsOf(all).filter(({ topic, type }) => kept[topic]?.[type] === undefined);

/** Stored events may still need a schema, so only what goes with its stack is deleted. */
async function leave(
  client: RegistryClient,
  subjects: readonly Subject[],
  deletes: true | undefined,
): Promise<void> {
  const names = subjects.map(({ subject }) => subject);
  if (deletes) {
    await forEachSubject(names, (name) => client.deleteSubject(name));
  } else if (names.length > 0) {
    // eslint-disable-next-line no-console
    console.log(`Stored events may need these schemas, which stay: ${names.join(", ")}.`);
  }
}

/** What the registry no longer has is no longer in the state, so that a plan after a refresh shows it. */
export async function read(id: string, state: State): Promise<pulumi.dynamic.ReadResult> {
  try {
    const client = new RegistryClient(registryOf(state));
    const subjects = subjectsOf(state.schemas);
    const found = await forEachSubject(subjects, async (subject) =>
      (await subjectDifferences(client, subject, state.level)).map(
        (text) => `schema ${subject.subject}: ${text}`,
      ),
    );
    const props: State = { ...state, drift: found.flat() };
    if (props.drift?.length === 0) {
      delete props.drift;
    }
    return { id, props };
  } catch (error) {
    if (error instanceof RegistryUnreachableError) {
      // The registry is stopped. The refresh continues, and finds that in the container.
      return { id, props: state };
    }
    throw error;
  }
}

async function remove(_id: string, state: State): Promise<void> {
  await leave(new RegistryClient(registryOf(state)), subjectsOf(state.schemas), state.deletes);
}
export { remove as delete };
