/** Runs in Pulumi's plugin process: what AdministratorSetup does on a server. */
import { isDeepStrictEqual } from "node:util";

import type * as pulumi from "@pulumi/pulumi";
import { type Client, DatabaseError, escapeIdentifier } from "pg";

import { endPluginWithEngine } from "../../runtime/engine-lifetime";
import type { AdministratorSetupInputs } from "./administrator-setup-inputs";
import { asAdministrator } from "./postgres-client";

endPluginWithEngine();

interface State extends AdministratorSetupInputs {
  /** Databases of the server's own that every role may still connect to. */
  open: string[];
  /** Whether a refresh found the administrator without what `create` gave it. */
  drifted: boolean;
}

/** With it, the administrator is a member of each role that it creates, and may act on what the role owns. */
const SELF_GRANT = "set, inherit";

const INPUTS = [
  ...["host", "port", "database", "adminUsername", "adminPassword", "trusted", "closed"],
] as (keyof AdministratorSetupInputs)[];

async function apply(inputs: AdministratorSetupInputs): Promise<State> {
  const open = await asAdministrator(
    inputs,
    async (client) => {
      if (!(await isSetUp(client))) {
        // Any role may set this for itself; it counts from its next session on.
        await client.query(
          `alter role ${escapeIdentifier(inputs.adminUsername)} set createrole_self_grant = '${SELF_GRANT}'`,
        );
      }
      for (const database of inputs.closed) {
        // Only the database's owner can: for anybody else it is a warning (01006), and no error.
        await client.query(`revoke all on database ${escapeIdentifier(database)} from public`);
      }
      return readOpen(client, inputs.closed);
    },
    inputs.database,
  );
  for (const database of open) {
    // eslint-disable-next-line no-console
    console.log(
      `Every role may connect to database ${database} of ${inputs.host}:${inputs.port}: it belongs to another role than ${inputs.adminUsername}, which cannot revoke that.`,
    );
  }
  return { ...inputs, open, drifted: false };
}

/** Whether the session has the setting, or needs none: a superuser may act on everything. */
async function isSetUp(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ ready: boolean }>(
    `select rolsuper or coalesce(rolconfig @> array['createrole_self_grant=${SELF_GRANT}'], false) as ready
     from pg_roles where rolname = current_user`,
  );
  return rows[0].ready;
}

async function readOpen(client: Client, databases: string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select distinct datname as name
     from pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) entry
     where datname = any ($1) and entry.grantee = 0 and entry.privilege_type = 'CONNECT' order by 1`,
    [databases],
  );
  return rows.map(({ name }) => name);
}

export async function check(
  _olds: unknown,
  news: AdministratorSetupInputs,
): Promise<pulumi.dynamic.CheckResult> {
  return { inputs: news };
}

export async function diff(
  _id: string,
  olds: State,
  news: AdministratorSetupInputs,
): Promise<pulumi.dynamic.DiffResult> {
  return {
    changes: olds.drifted || INPUTS.some((key) => !isDeepStrictEqual(olds[key], news[key])),
  };
}

export async function create(
  inputs: AdministratorSetupInputs,
): Promise<pulumi.dynamic.CreateResult> {
  return { id: `${inputs.host}:${inputs.port}/${inputs.adminUsername}`, outs: await apply(inputs) };
}

export async function update(
  _id: string,
  _olds: State,
  news: AdministratorSetupInputs,
): Promise<pulumi.dynamic.UpdateResult> {
  return { outs: await apply(news) };
}

export async function read(id: string, state: State): Promise<pulumi.dynamic.ReadResult> {
  try {
    const found = await asAdministrator(
      state,
      async (client) => ({
        open: await readOpen(client, state.closed),
        drifted: !(await isSetUp(client)),
      }),
      state.database,
    );
    const reopened = found.open.some((database) => !state.open.includes(database));
    return { id, props: { ...state, drifted: found.drifted || reopened } };
  } catch (error) {
    if (error instanceof DatabaseError) {
      throw error;
    }
    // Nothing answers. The refresh continues: other resources say so.
    return { id, props: state };
  }
}

/** Nothing: other stacks on the server need the same. */
async function remove(): Promise<void> {}
export { remove as delete };
