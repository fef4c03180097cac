/** Restores a backup into a stack: first beside what is there, then in its place, all at once. */
import type { ServiceName } from "../../catalog/services";
import { FaultError, throwIfAny } from "../fault";
import { throwIfStopped } from "../machine/stopping";
import type { StackOptions } from "../options";
import { findStack } from "../stack/stack";
import { readResources } from "../stack/state";
import { confirm } from "../terminal/confirm";
import { createDisplay, type Display } from "../terminal/display";
import { hasRows } from "./content/facts";
import { dropDatabase, newName, oldName, restoreInto, swapDatabases } from "./content/new-database";
import { restoreKeys } from "./content/sessions";
import { factDifferences, rowsOf } from "./manifest";
import { progressOf } from "./meter";
import type { CheckedBackup } from "./open";
import { partsOf, type ServiceParts, type StackParts, withTools } from "./stack-parts";

export interface RestoreChoice {
  /** The one service to restore; undefined restores all. */
  service?: ServiceName;
  /** Whether sessions are restored, too. */
  sessions: boolean;
  yes: boolean;
}

/** A service of the stack with what the backup has of it. */
type Pair = ServiceParts & { hasData: boolean };

/**
 * Restores databases and sessions of a stack that runs.
 * @throws FaultError where anything differs from the manifest; then the stack has what it had before
 */
export async function restoreData(
  options: StackOptions,
  backup: CheckedBackup,
  choice: RestoreChoice,
): Promise<void> {
  const { stack } = options;
  const opened = await findStack(stack);
  const parts = partsOf(stack, opened ? await readResources(opened) : []);
  const pairs = await pairsOf(parts, backup, choice);
  const replaced = pairs.filter(({ hasData }) => hasData);
  const now = new Date();
  const kept = (database: string) => oldName(database, now);
  if (replaced.length > 0) {
    console.log("These databases have rows. They are replaced, and kept under other names:");
    replaced.forEach(({ database: { database } }) =>
      console.log(`  ${database}, kept as ${kept(database)}`),
    );
    await confirm(`Replace them on stack ${stack}?`, choice.yes);
  }
  const display = createDisplay();
  try {
    await withTools(parts, options, (tools) => restoreBeside(parts, pairs, backup, tools, display));
    if (choice.sessions) {
      await restoreSessions(pairs, backup, display);
    }
    throwIfStopped();
    await swapDatabases(
      parts.administrator,
      pairs.map(({ database: { database } }) => ({
        ...{ database, from: newName(database), to: kept(database) },
      })),
    );
  } catch (error) {
    for (const { database } of pairs) {
      await dropDatabase(parts.administrator, newName(database.database)).catch(() => undefined);
    }
    throw error;
  } finally {
    display.end();
  }
  for (const { database } of pairs.filter(({ hasData }) => !hasData)) {
    await dropEmpty(parts.administrator, { ...database, database: kept(database.database) });
  }
}

/** A service may have written into an empty database while another one was restored beside it. */
async function dropEmpty(
  administrator: StackParts["administrator"],
  replaced: ServiceParts["database"],
): Promise<void> {
  if (await hasRows(administrator, replaced)) {
    console.log(
      `A service wrote to the empty database meanwhile. Those rows are kept in ${replaced.database}.`,
    );
  } else {
    await dropDatabase(administrator, replaced.database);
  }
}

async function pairsOf(
  { services, administrator }: StackParts,
  { manifest, title }: CheckedBackup,
  { service }: RestoreChoice,
): Promise<Pair[]> {
  const wanted = services.filter((parts) => service === undefined || parts.service === service);
  throwIfAny(
    wanted.flatMap((parts) => {
      const stored = manifest.services[parts.service]?.database;
      const { owner, database } = parts.database;
      return stored === undefined
        ? [`The backup ${title} has no database of ${parts.service}.`]
        : stored.owner === owner
          ? []
          : [
              `The backup ${title} has rights of ${stored.owner}, and ${database} belongs to ${owner}: ` +
                "the stack has names of its own on shared servers. Such a backup cannot be restored into it.",
            ];
    }),
  );
  return Promise.all(
    wanted.map(async (parts) => ({
      ...parts,
      hasData: await hasRows(administrator, parts.database),
    })),
  );
}

async function restoreBeside(
  { administrator }: StackParts,
  pairs: readonly Pair[],
  backup: CheckedBackup,
  tools: Parameters<typeof restoreInto>[1],
  display: Display,
): Promise<void> {
  for (const { service, database: target } of pairs) {
    const since = Date.now();
    const { file, ...expected } = backup.manifest.services[service].database;
    const show = progressOf(display, target.database, backup.manifest.files[file].bytes);
    const found = await restoreInto(administrator, tools, target, await backup.read(file, show));
    const differences = factDifferences(expected, found);
    if (differences.length > 0) {
      throw new FaultError([
        `${target.database} was restored, but is not what was backed up. Nothing was replaced.`,
        ...differences,
      ]);
    }
    const tables = Object.keys(found.tables).length;
    const seconds = ((Date.now() - since) / 1000).toFixed(1);
    display.line(
      `  database ${target.database}: ${tables} tables, ${rowsOf(found)} rows, ` +
        `${Object.keys(found.ledger).length} migrations, ${seconds} s`,
    );
  }
}

/** Before the databases take their places: keys are only added, so that a failure loses nothing. */
async function restoreSessions(
  pairs: readonly Pair[],
  { manifest, read }: CheckedBackup,
  display: Display,
): Promise<void> {
  for (const { service, sessions } of pairs) {
    const stored = manifest.services[service].sessions;
    if (sessions && stored) {
      const found = await restoreKeys(sessions.login, sessions.prefix, await read(stored.file));
      display.line(
        `  sessions of ${service}: ${found.restored} restored, ${found.kept} newer ones kept, ` +
          `${found.expired} whose time is over`,
      );
    }
  }
}
