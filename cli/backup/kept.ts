/** The databases that a restore replaced: they are kept until somebody says otherwise. */
import { FaultError } from "../fault";
import type { StackOptions } from "../options";
import { readStack } from "../stack/outputs";
import { confirm } from "../terminal/confirm";
import { dropDatabase, keptDatabases, oldName, swapDatabases } from "./content/new-database";
import { partsOf } from "./stack-parts";

async function findKept(options: StackOptions) {
  const { administrator, services } = partsOf(options.stack, await readStack(options));
  const kept = await Promise.all(
    services.map(async ({ database: { database } }) => ({
      database,
      names: await keptDatabases(administrator, database),
    })),
  );
  return { administrator, kept: kept.filter(({ names }) => names.length > 0) };
}

/** Drops every database that restores have kept. */
export async function dropKept(options: StackOptions, yes: boolean): Promise<void> {
  const { administrator, kept } = await findKept(options);
  const names = kept.flatMap((each) => each.names);
  if (names.length === 0) {
    console.log(`Stack ${options.stack} keeps no database of before a restore.`);
    return;
  }
  names.forEach((name) => console.log(`  ${name}`));
  await confirm(`Drop them from stack ${options.stack}, with their rows?`, yes);
  for (const name of names) {
    await dropDatabase(administrator, name);
    console.log(`Dropped ${name}`);
  }
}

/** Puts back what the last restore replaced; what was restored is kept in turn. */
export async function swapBack(options: StackOptions, yes: boolean): Promise<void> {
  const { administrator, kept } = await findKept(options);
  const last = kept
    .map(({ names }) => names.at(-1)!.slice(-12))
    .sort()
    .at(-1);
  if (last === undefined) {
    throw new FaultError([`Stack ${options.stack} keeps no database of before a restore.`]);
  }
  const now = new Date();
  const swaps = kept.flatMap(({ database, names }) =>
    names
      .filter((name) => name.endsWith(last))
      .map((from) => ({ database, from, to: oldName(database, now) })),
  );
  swaps.forEach(({ database, from, to }) =>
    console.log(`  ${from} becomes ${database}, which is kept as ${to}`),
  );
  await confirm(`Put them back on stack ${options.stack}?`, yes);
  await swapDatabases(administrator, swaps);
}
