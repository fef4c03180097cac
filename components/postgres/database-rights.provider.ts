/** Runs in Pulumi's plugin process: what DatabaseRights does on a server. */
import { isDeepStrictEqual } from "node:util";

import type * as pulumi from "@pulumi/pulumi";
import { DatabaseError } from "pg";

import { endPluginWithEngine } from "../../runtime/engine-lifetime";
import type { DatabaseRightsInputs } from "./database-rights-inputs";
import { asAdministrator } from "./postgres-client";
import { readRights, rightsDifferences, rightsStatements } from "./rights-sql";

endPluginWithEngine();

/** PostgreSQL drops the rights with the database. */
const NO_DATABASE = "3D000";

/** Sets the rights, all or nothing, and reads them back: a grant that has no effect is only a warning. */
async function apply(
  news: DatabaseRightsInputs,
  former: DatabaseRightsInputs["roles"],
): Promise<void> {
  await asAdministrator(
    news,
    async (client) => {
      const { rows } = await client.query<{ name: string }>("select rolname as name from pg_roles");
      const known = new Set(rows.map(({ name }) => name));
      const existing = Object.entries(former).filter(([role]) => known.has(role));
      // Several statements in one query are one transaction.
      await client.query(rightsStatements(news, Object.fromEntries(existing)).join(";\n"));
      const differences = rightsDifferences(news.roles, await readRights(client, news));
      if (differences.length > 0) {
        throw new Error(
          `The rights on ${news.database} could not be set. ${news.adminUsername} set them, but the server has:\n` +
            differences.join("\n"),
        );
      }
    },
    news.database,
  );
}

export async function check(
  _olds: unknown,
  news: DatabaseRightsInputs,
): Promise<pulumi.dynamic.CheckResult> {
  return { inputs: news };
}

const INPUTS = [
  ...["host", "port", "adminUsername", "adminPassword", "trusted", "owner", "roles"],
] as (keyof DatabaseRightsInputs)[];

export async function diff(
  _id: string,
  olds: DatabaseRightsInputs,
  news: DatabaseRightsInputs,
): Promise<pulumi.dynamic.DiffResult> {
  return {
    changes: [...INPUTS, "database" as const].some(
      (key) => !isDeepStrictEqual(olds[key], news[key]),
    ),
    replaces: olds.database === news.database ? [] : ["database"],
    deleteBeforeReplace: false,
  };
}

export async function create(inputs: DatabaseRightsInputs): Promise<pulumi.dynamic.CreateResult> {
  await apply(inputs, {});
  return { id: inputs.database, outs: inputs };
}

export async function update(
  _id: string,
  olds: DatabaseRightsInputs,
  news: DatabaseRightsInputs,
): Promise<pulumi.dynamic.UpdateResult> {
  await apply(news, olds.roles);
  return { outs: news };
}

/** The rights on the server also become the inputs, so that a plan after a refresh shows each right that differs. */
export async function read(
  id: string,
  state: DatabaseRightsInputs,
): Promise<pulumi.dynamic.ReadResult> {
  try {
    const roles = await asAdministrator(
      state,
      (client) => readRights(client, state),
      state.database,
    );
    const props = { ...state, roles };
    return { id, props, inputs: props };
  } catch (error) {
    if (error instanceof DatabaseError && error.code !== NO_DATABASE) {
      throw error;
    }
    // The server is stopped or the database is gone. The refresh continues, and finds that in their own resources.
    return { id, props: state };
  }
}

async function remove(_id: string, state: DatabaseRightsInputs): Promise<void> {
  await apply({ ...state, roles: {} }, state.roles);
}
export { remove as delete };
