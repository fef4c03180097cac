/** The dump of one database, with the facts of the same moment. */
import type { Readable } from "node:stream";

import { type Client, escapeIdentifier } from "pg";

import {
  type SchemaMigrationsInputs,
  targetOf,
} from "../../../components/postgres/migration-inputs";
import { connected } from "../../../components/postgres/postgres-client";
import { outputOf } from "../../machine/piped";
import type { DatabaseFacts } from "../manifest";
import { FIXED_TEXT, readFacts } from "./facts";
import { type ToolPlace, toolProgram } from "./postgres-tools";

const APPLICATION = "learning-platform-backup";

/**
 * Dumps a database as its owner while services write to it. Dump and facts see the same moment: pg_dump takes over the
 * snapshot of a transaction that stays open until `take` has ended (pg_export_snapshot, PostgreSQL 16, 9.28.5).
 * @param take writes the dump somewhere
 */
export async function dumpDatabase(
  inputs: SchemaMigrationsInputs,
  place: ToolPlace,
  take: (dump: Readable) => Promise<void>,
): Promise<DatabaseFacts> {
  const { host, port, database, user, password, ssl } = targetOf(inputs);
  const config = { host, port, database, user, password, ssl, application_name: APPLICATION };
  return connected(config, async (client) => {
    await client.query(`set role ${escapeIdentifier(inputs.owner)}; ${FIXED_TEXT}`);
    await client.query("begin isolation level repeatable read read only");
    const [{ rows }, extensions] = [
      await client.query<{ snapshot: string }>("select pg_export_snapshot() as snapshot"),
      await ownExtensions(client, inputs),
    ];
    const command = [
      ...["pg_dump", "--format=custom", `--role=${inputs.owner}`, "--no-owner"],
      ...[`--snapshot=${rows[0].snapshot}`, "--lock-wait-timeout=60s"],
      ...extensions.map((name) => `--extension=${name}`),
    ];
    await take(outputOf(toolProgram(place, command, { ...inputs, username: inputs.username })));
    const facts = await readFacts(client);
    await client.query("rollback");
    return facts;
  });
}

/**
 * The extensions to dump where the administrator made some: the owner could not create those, so that a restore makes
 * them first. plpgsql is built in, and pg_dump then refuses to find none (pg_dump.c, expand_extension_name_patterns).
 * @returns none where all are to be dumped
 */
async function ownExtensions(
  client: Client,
  { extensions = [] }: SchemaMigrationsInputs,
): Promise<string[]> {
  if (extensions.length === 0) {
    return [];
  }
  const { rows } = await client.query<{ name: string }>(
    "select extname as name from pg_extension where extname <> all ($1)",
    [extensions],
  );
  return rows.map(({ name }) => name);
}
