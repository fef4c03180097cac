/** Runs in Pulumi's plugin process: what SchemaMigrations does on a database. */
import { isDeepStrictEqual } from "node:util";

import type * as pulumi from "@pulumi/pulumi";

import {
  formatDrift,
  formatFault,
  formatRightsFault,
  inspect,
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
  /** A sentence for each object that a refresh found changed by hand. */
  drift?: string[];
  /** A sentence for each right that a refresh found not to be as designed: the next update restores it. */
  rights?: string[];
}

/** What a value is called that a preview does not know yet, whatever its type. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Refuses what ledger and files contradict each other in, where the database can be asked already. */
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
    tellDrift(status);
    return status.faults.map(formatFault);
  } catch (error) {
    if (error instanceof MigrationRoleError || isRefusedLogin(error)) {
      sayNotCompared(inputs.directory, error);
      return [];
    }
    if (error instanceof MigrationConnectionError) {
      // Not made yet, or stopped: an update says so when it comes to run the files.
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
  // Absent from the new inputs where TLS is turned off (a refresh would go on asking with it) or no extension is left.
  const keys = [...Object.keys(news), "trusted", "extensions"].filter(
    (key) => !key.startsWith("__"),
  ) as (keyof SchemaMigrationsInputs)[];
  const changes =
    (olds.rights ?? []).length > 0 || keys.some((key) => !isDeepStrictEqual(olds[key], news[key]));
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
    // With an id and properties the engine keeps the resource, and what was applied before the failure.
    throw Object.assign(new Error(error.message), {
      id,
      properties: { ...news, ...(await appliedNow(news, files, olds, error)) },
      reasons: [error.message],
    });
  }
}

/** The files could be edited between the plan and its execution. */
function assertAsPlanned(files: MigrationFiles, planned: SchemaMigrationsInputs): void {
  const onDisk = [...files.versioned, ...files.repeatable];
  const inPlan = { ...planned.versioned, ...planned.repeatable };
  const changed = onDisk.filter(({ name, checksum }) => inPlan[name] !== checksum);
  if (changed.length > 0 || onDisk.length !== Object.keys(inPlan).length) {
    const names = changed.map(({ name }) => name).join(", ") || "a file";
    throw new Error(
      `${planned.directory}: ${names} changed since the plan was made; run it again.`,
    );
  }
}

/** What the ledger has after a failure; where it cannot be asked, what this run is known to have done. */
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

const sayNotCompared = (directory: string, { message }: MigrationError) =>
  say(directory, `the ledger cannot be compared: ${message}`);

/** A line for people on standard output, which the engine passes on. */
function say(directory: string, line: string): void {
  // eslint-disable-next-line no-console
  console.log(`${directory}: ${line}`);
}

/** For whoever runs the engine alone: the cli asks the databases itself, and passes on only what `say` says. */
function tellDrift(status: MigrationStatus): Required<Pick<State, "drift" | "rights">> {
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
    say(directory, line);
  }
}

function progressLine(event: MigrationEvent): string | undefined {
  switch (event.kind) {
    case "finished":
      return `${event.file} applied (${event.durationMs} ms)`;
    case "retrying":
      return `${event.file} tried again in ${event.delayMs} ms: ${event.sqlState}`;
    case "waiting":
      return `waiting for another run (${nameOf(event.holder)}) to end`;
    default:
      return undefined;
  }
}

const nameOf = (holder: LockHolder | undefined) =>
  holder ? `${holder.applicationName || "no name"}, pid ${holder.pid} on the server` : "not known";

export async function read(id: string, state: State): Promise<pulumi.dynamic.ReadResult> {
  const files = readMigrations(state.directory);
  try {
    const status = await inspect(targetOf(state), files, state);
    if (status.state === "no-database") {
      return {};
    }
    const told = tellDrift(status);
    const props: State = { ...state, ...appliedOf(status, files), ...told };
    for (const key of ["drift", "rights"] as const) {
      if (told[key].length === 0) {
        delete props[key];
      }
    }
    return { id, props };
  } catch (error) {
    if (error instanceof MigrationRoleError) {
      // The refresh has to go on: it is what finds that the role is another one now.
      sayNotCompared(state.directory, error);
      return { id, props: state };
    }
    if (error instanceof MigrationConnectionError && !isRefusedLogin(error)) {
      // A refresh of a stack whose server is stopped goes on, and finds that it is stopped.
      return { id, props: state };
    }
    throw error;
  }
}

/** SQLSTATE class 28: the server answers, and does not take the password. */
const isRefusedLogin = (error: unknown): error is MigrationConnectionError =>
  error instanceof MigrationConnectionError && (error.code?.startsWith("28") ?? false);

/** Nothing: a schema goes with its database, and never because a resource left the program. */
async function remove(): Promise<void> {}
export { remove as delete };
