/** Runs in Pulumi's plugin process: what RoleSettings does on a server. */
import { isDeepStrictEqual } from "node:util";

import type * as pulumi from "@pulumi/pulumi";
import { type Client, DatabaseError, escapeIdentifier, escapeLiteral } from "pg";

import { endPluginWithEngine } from "../../runtime/engine-lifetime";
import { asAdministrator } from "./postgres-client";
import type { RoleSettingsInputs } from "./role-settings-inputs";

endPluginWithEngine();

/** The settings of `wanted` as the server has them. A role that does not exist is left out. */
async function readSettings(
  client: Client,
  wanted: RoleSettingsInputs["roles"],
): Promise<RoleSettingsInputs["roles"]> {
  const { rows } = await client.query<{ name: string; config: string[] }>(
    "select rolname as name, coalesce(rolconfig, '{}') as config from pg_roles where rolname = any ($1)",
    [Object.keys(wanted)],
  );
  return Object.fromEntries(
    rows.map(({ name, config }) => {
      const entries = config.map((entry) => {
        const [setting, ...value] = entry.split("=");
        return [setting, value.join("=")] as const;
      });
      return [name, Object.fromEntries(entries.filter(([setting]) => setting in wanted[name]))];
    }),
  );
}

/** Sets the wanted settings and resets those that are not wanted any more, all or nothing. */
async function apply(news: RoleSettingsInputs, olds: RoleSettingsInputs["roles"]): Promise<void> {
  await asAdministrator(news, async (client) => {
    const { rows } = await client.query<{ name: string }>("select rolname as name from pg_roles");
    const known = new Set(rows.map(({ name }) => name));
    const statements = Object.entries(news.roles).flatMap(([role, settings]) =>
      Object.entries(settings).map(
        ([setting, value]) =>
          `alter role ${escapeIdentifier(role)} set ${escapeIdentifier(setting)} = ${escapeLiteral(value)}`,
      ),
    );
    const resets = Object.entries(olds)
      .filter(([role]) => known.has(role))
      .flatMap(([role, settings]) =>
        Object.keys(settings)
          .filter((setting) => !(setting in (news.roles[role] ?? {})))
          .map(
            (setting) => `alter role ${escapeIdentifier(role)} reset ${escapeIdentifier(setting)}`,
          ),
      );
    // Several statements in one query are one transaction.
    await client.query([...resets, ...statements].join(";\n"));
  });
}

export async function check(
  _olds: unknown,
  news: RoleSettingsInputs,
): Promise<pulumi.dynamic.CheckResult> {
  return { inputs: news };
}

export async function diff(
  _id: string,
  olds: RoleSettingsInputs,
  news: RoleSettingsInputs,
): Promise<pulumi.dynamic.DiffResult> {
  const keys = ["host", "port", "adminUsername", "adminPassword", "trusted", "roles"] as const;
  return { changes: keys.some((key) => !isDeepStrictEqual(olds[key], news[key])) };
}

export async function create(inputs: RoleSettingsInputs): Promise<pulumi.dynamic.CreateResult> {
  await apply(inputs, {});
  return { id: Object.keys(inputs.roles).join(","), outs: inputs };
}

export async function update(
  _id: string,
  olds: RoleSettingsInputs,
  news: RoleSettingsInputs,
): Promise<pulumi.dynamic.UpdateResult> {
  await apply(news, olds.roles);
  return { outs: news };
}

export async function read(
  id: string,
  state: RoleSettingsInputs,
): Promise<pulumi.dynamic.ReadResult> {
  try {
    const roles = await asAdministrator(state, (client) => readSettings(client, state.roles));
    return { id, props: { ...state, roles } };
  } catch (error) {
    if (error instanceof DatabaseError) {
      throw error;
    }
    // The server is stopped. The refresh continues, and finds that in the container.
    return { id, props: state };
  }
}

async function remove(_id: string, state: RoleSettingsInputs): Promise<void> {
  await apply({ ...state, roles: {} }, state.roles);
}
export { remove as delete };
