import { SERVER_TITLES } from "../../catalog/servers";
import type {
  Plan,
  PlannedContainer,
  PlannedMigrations,
  PlannedSchema,
  PlannedTopic,
} from "./plan";

/**
 * The plan as a person reads it before an update.
 * @param allowDataLoss names of what may lose its data, as the stack's configuration has them
 */
export function planLines(stack: string, plan: Plan, allowDataLoss: readonly string[]): string[] {
  const counts = Object.entries(plan.counts).map(([op, count]) => `${count} to ${op}`);
  return [
    `Plan for stack ${stack}: ${[...counts, `${plan.unchanged} unchanged`].join(", ")}`,
    ...(plan.protectionChanges > 0
      ? [`The protection of ${plan.protectionChanges} resources changes`]
      : []),
    ...(allowDataLoss.length > 0
      ? [`allowDataLoss lets these lose their data: ${allowDataLoss.join(", ")}`]
      : []),
    ...plan.warnings.map((warning) => `Warning: ${warning}`),
    ...outageLines(plan.containers),
    ...copyLines(plan.topics),
    ...pendingFileLines(plan.migrations),
    ...schemaLines(plan.schemas),
  ];
}

/** One line per replaced container: which service is down meanwhile, and what happens to its data. */
export const outageLines = (containers: PlannedContainer[]): string[] =>
  containers
    .filter(({ action }) => action === "replace")
    .map((container) => {
      const { service, name } = container;
      const data = dataAfter(container, (volumes) => `the volume ${volumes.join(", ")}`);
      return `Replaces the container ${name}: ${SERVER_TITLES[service] ?? service} is down until the new one is healthy; ${data}.`;
    });

/** What becomes of the data of a container that is replaced. */
export function dataAfter(
  { keptVolumes, otherVolumes }: Pick<PlannedContainer, "keptVolumes" | "otherVolumes">,
  named: (volumes: readonly string[]) => string,
): string {
  if (otherVolumes) {
    return `its data is then in ${named(otherVolumes)}`;
  }
  return keptVolumes.length > 0 ? `its data stays in ${named(keptVolumes)}` : "it keeps no data";
}

/** One line for all topics that get more copies in place. */
export function copyLines(topics: readonly PlannedTopic[]): string[] {
  const raised = topics
    .filter(({ action }) => action === "update")
    .flatMap(({ name, changes }) => {
      const copies = changes.find(({ setting }) => setting === "replicationFactor");
      return copies && Number(copies.after) > Number(copies.before) ? [{ name, ...copies }] : [];
    });
  if (raised.length === 0) {
    return [];
  }
  const [{ name, after }] = raised;
  const which = raised.length === 1 ? `topic ${name}` : `${raised.length} topics`;
  return [`Makes ${after} copies of ${which}: the messages stay, and services go on meanwhile.`];
}

const SHORT_HASH = 12;

/** One line per file that an update runs, below the name of its database. */
export const pendingFileLines = (migrations: PlannedMigrations[]): string[] =>
  migrations
    .filter(({ pending }) => pending.length > 0)
    .flatMap(({ database, pending, isNew }) => [
      `Migrations to run on ${database}${isNew ? ", a new database" : ""}:`,
      ...pending.map(({ name, checksum }) => `  ${name}  sha256:${checksum.slice(0, SHORT_HASH)}`),
    ]);

/** One line for each topic: `user-events: user.registered.v1 version 2`. */
export function schemaLines(schemas: readonly PlannedSchema[]): string[] {
  const topics = [...new Set(schemas.map(({ topic }) => topic))];
  return schemas.length === 0
    ? []
    : [
        "Event schemas:",
        ...topics.map((topic) => {
          const changes = schemas.filter((schema) => schema.topic === topic).map(schemaText);
          return `  ${topic}: ${changes.join(", ")}`;
        }),
      ];
}

const AFTERWARDS = { register: "", delete: " is deleted", keep: " stays for stored events" };

/** A change of a schema in words: `user.registered.v1 version 2`. */
export const schemaText = ({ type, version, action }: PlannedSchema): string =>
  `${type}${version === undefined ? "" : ` version ${version}`}${AFTERWARDS[action]}`;
