/** Runs in Pulumi's plugin process: what SchemaMigrations does on a database. */
import { isDeepStrictEqual } from "node:util";

import type * as pulumi from "@pulumi/pulumi";

import {
  formatDrift,
  formatFault,
  formatRightsFault,
  inspect,
  lacksSnapshot,
  type LockHolder,
  migrate,
  MigrationConnectionError,
  MigrationError,
  type MigrationEvent,
  type MigrationFiles,
  MigrationRoleError,
  type MigrationStatus,
  readMigrations,
} from "../../migrator";
import { endPluginWithEngine, uninterrupted } from "../../runtime/engine-lifetime";
import { type Checksums, type SchemaMigrationsInputs, targetOf } from "./migration-inputs";

endPluginWithEngine();

/** As the inputs, but with the files that are applied. */
interface State extends SchemaMigrationsInputs {
  /** One sentence for each object that a refresh found changed by hand. */
  drift?: string[];
  /** One sentence for each right that a refresh found to differ from the design. The next update restores it. */
  rights?: string[];
  /** Set if a refresh found that changes by hand are unknown. The next update takes a snapshot. */
  snapshotMissing?: true;
}

/** Pulumi's placeholder for a value that a preview does not know yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Refuses files that contradict the ledger, if the database already answers. */
export async function check(
  _olds: unknown,
  news: SchemaMigrationsInputs,
): Promise<pulumi.dynamic.CheckResult> {
  const isKnown = !Object.values(news).includes(UNKNOWN);
  const faults = isKnown ? await ledgerFaults(news) : [];
  // The engine prints the property before each reason: a short one.
  return { inputs: news, failures: faults.map((reason) => ({ property: "database", reason })) };
}

async function ledgerFaults(inputs: SchemaMigrationsInputs): Promise<string[]> {
  try {
    const status = await inspect(targetOf(inputs), readMigrations(inputs.directory), inputs);
    reportDrift(status);
    return status.faults.map(formatFault);
  } catch (error) {
    if (error instanceof MigrationRoleError || isRefusedLogin(error)) {
      reportNotCompared(inputs.directory, error);
      return [];
    }
    if (error instanceof MigrationConnectionError) {
      // Not created yet, or stopped. The update reports that when it runs the files.
      return [];
    }
    throw error;
  }
}

export async function diff(
  _id: string,
  olds: State,
  news: SchemaMigrationsInputs,
): Promise<pulumi.dynamic.DiffResult> {
  // Absent from the new inputs if TLS is turned off (a refresh would still use it) or the last extension is removed.
  const keys = [...Object.keys(news), "trusted", "extensions"].filter(
    (key) => !key.startsWith("__"),
  ) as (keyof SchemaMigrationsInputs)[];
  const changes =
    (olds.rights ?? []).length > 0 ||
    olds.snapshotMissing === true ||
    keys.some((key) => !isDeepStrictEqual(olds[key], news[key]));
  return { changes };
}

export async function create(inputs: SchemaMigrationsInputs): Promise<pulumi.dynamic.CreateResult> {
  const id = inputs.database;
  return { id, outs: await apply(id, { ...inputs, versioned: {}, repeatable: {} }, inputs) };
}

export async function update(
  id: string,
  olds: State,
  news: SchemaMigrationsInputs,
): Promise<pulumi.dynamic.UpdateResult> {
  return { outs: await apply(id, olds, news) };
}

async function apply(id: string, olds: State, news: SchemaMigrationsInputs): Promise<State> {
  const files = readMigrations(news.directory);
  assertAsPlanned(files, news);
  try {
    await uninterrupted((signal) =>
      migrate(targetOf(news), files, {
        ...news,
        signal,
        onProgress: (event) => report(news.directory, event),
      }),
    );
    return news;
  } catch (error) {
    if (!(error instanceof MigrationError)) {
      throw error;
    }
    // With an id and properties, the engine records the resource and the files that ran before the failure.
    throw Object.assign(new Error(error.message), {
      id,
      properties: { ...news, ...(await appliedNow(news, files, olds, error)) },
      reasons: [error.message],
    });
  }
}

/** Refuses files that were edited between the plan and its execution. */
function assertAsPlanned(files: MigrationFiles, planned: SchemaMigrationsInputs): void {
  const onDisk = [...files.versioned, ...files.repeatable];
  const inPlan = { ...planned.versioned, ...planned.repeatable };
  const changed = onDisk.filter(({ name, checksum }) => inPlan[name] !== checksum);
  if (changed.length > 0 || onDisk.length !== Object.keys(inPlan).length) {
    const names = changed.map(({ name }) => name).join(", ") || "a file";
    throw new Error(
      `${planned.directory}: ${names} changed since the plan was made; run the command again.`,
    );
  }
}

/** The applied files after a failure: by the ledger or, if the database does not answer, by what this run reported. */
async function appliedNow(
  inputs: SchemaMigrationsInputs,
  files: MigrationFiles,
  olds: State,
  error: MigrationError,
): Promise<Pick<State, "versioned" | "repeatable">> {
  const { versioned, repeatable } = inputs;
  try {
    return await readApplied(inputs, files);
  } catch {
    return {
      versioned: { ...olds.versioned, ...pick(versioned, error.applied) },
      repeatable: { ...olds.repeatable, ...pick(repeatable, error.repeated) },
    };
  }
}

async function readApplied(
  inputs: State,
  files: MigrationFiles,
): Promise<Pick<State, "versioned" | "repeatable">> {
  return appliedOf(await inspect(targetOf(inputs), files, inputs), files);
}

function appliedOf(
  status: MigrationStatus,
  files: MigrationFiles,
): Pick<State, "versioned" | "repeatable"> {
  const repeating = new Set(status.repeatables.map(({ file }) => file.name));
  const current = files.repeatable.filter(({ name }) => !repeating.has(name));
  return {
    versioned: Object.fromEntries(status.applied.map(({ name, checksum }) => [name, checksum])),
    repeatable: Object.fromEntries(current.map(({ name, checksum }) => [name, checksum])),
  };
}

const pick = (all: Checksums, names: string[]): Checksums =>
  Object.fromEntries(names.filter((name) => name in all).map((name) => [name, all[name]]));

const reportNotCompared = (directory: string, { message }: MigrationError) =>
  print(directory, `the ledger cannot be compared: ${message}`);

/** Prints a line on standard output, which the engine passes on. */
function print(directory: string, line: string): void {
  // eslint-disable-next-line no-console
  console.log(`${directory}: ${line}`);
}

/** For users of the engine alone. The cli asks the databases itself, and passes on only the lines of `print`. */
function reportDrift(status: MigrationStatus): Required<Pick<State, "drift" | "rights">> {
  const { database } = status;
  const drift = (status.drift ?? []).map(formatDrift);
  const rights = status.rights.map(formatRightsFault);
  for (const sentence of [...drift, ...rights]) {
    // eslint-disable-next-line no-console
    console.log(`Changed by hand in ${database}: ${sentence}`);
  }
  return { drift, rights };
}

function report(directory: string, event: MigrationEvent): void {
  const line = progressLine(event);
  if (line) {
    print(directory, line);
  }
}

function progressLine(event: MigrationEvent): string | undefined {
  switch (event.kind) {
    case "finished":
      return `${event.file} applied (${event.durationMs} ms)`;
    case "retrying":
      return `${event.file} retried in ${event.delayMs} ms: ${event.sqlState}`;
    case "waiting":
      return `waiting for another run (${describeHolder(event.holder)}) to finish`;
    default:
      return undefined;
  }
}

const describeHolder = (holder: LockHolder | undefined) =>
  holder ? `${holder.applicationName || "no name"}, pid ${holder.pid} on the server` : "not known";

export async function read(id: string, state: State): Promise<pulumi.dynamic.ReadResult> {
  const files = readMigrations(state.directory);
  try {
    const status = await inspect(targetOf(state), files, state);
    if (status.state === "no-database") {
      return {};
    }
    const found = reportDrift(status);
    const props: State = { ...state, ...appliedOf(status, files), ...found };
    for (const key of ["drift", "rights"] as const) {
      if (found[key].length === 0) {
        delete props[key];
      }
    }
    delete props.snapshotMissing;
    if (lacksSnapshot(status)) {
      props.snapshotMissing = true;
    }
    return { id, props };
  } catch (error) {
    if (error instanceof MigrationRoleError) {
      // The refresh must continue: it finds out that the role has changed.
      reportNotCompared(state.directory, error);
      return { id, props: state };
    }
    if (error instanceof MigrationConnectionError && !isRefusedLogin(error)) {
      // The server is stopped. The refresh continues, and finds that in the container.
      return { id, props: state };
    }
    throw error;
  }
}

/** SQLSTATE class 28: the server answers, and refuses the login. */
const isRefusedLogin = (error: unknown): error is MigrationConnectionError =>
  error instanceof MigrationConnectionError && (error.code?.startsWith("28") ?? false);

/** Nothing: a schema is deleted with its database, and never because a resource was removed from the program. */
async function remove(): Promise<void> {}
export { remove as delete };
