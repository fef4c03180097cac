/** Restores a backup into throw-away servers and compares all of it with the manifest. */
import { escapeIdentifier } from "pg";

import { imageName } from "../../components/platform/image-name";
import { asAdministrator } from "../../components/postgres/postgres-client";
import { throwIfAny } from "../fault";
import { ensureImages } from "../machine/images";
import type { StackOptions } from "../options";
import { stackConfiguration } from "../stack/settings";
import { createDisplay, type Display } from "../terminal/display";
import { restoreInto } from "./content/new-database";
import { restoreKeys } from "./content/sessions";
import { parseStoredState } from "./content/stack-state";
import { factDifferences, type Manifest, rowsOf } from "./manifest";
import { progressOf } from "./meter";
import type { CheckedBackup } from "./open";
import { withPostgres, withRedis } from "./throw-away";

/** @throws FaultError with everything in which the restored servers differ from what was backed up */
export async function drill(
  { stack, offline }: StackOptions,
  backup: CheckedBackup,
): Promise<void> {
  const { postgresImage, redisImage, imageRegistry } = stackConfiguration(stack);
  const [postgres, redis] = [postgresImage, redisImage].map((name) =>
    imageName(name, imageRegistry),
  );
  const display = createDisplay();
  const say = (line: string) => display.line(line);
  await ensureImages(
    [
      { kind: "postgres", name: postgres },
      { kind: "redis", name: redis },
    ],
    offline,
    say,
  );
  try {
    const state = parseStoredState(
      await textOf(backup, backup.manifest.state),
      backup.manifest.stack,
    );
    say(`  state: ${state.exported.deployment.resources?.length ?? 0} resources`);
    const faults = [
      ...(await drillDatabases({ stack, image: postgres }, backup, display)),
      ...(await drillSessions({ stack, image: redis }, backup, display)),
    ];
    throwIfAny(faults);
    say(
      `The backup ${backup.title} was restored into throw-away servers, and is as its manifest says.`,
    );
  } finally {
    display.end();
  }
}

export async function textOf(backup: CheckedBackup, file: string): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of await backup.read(file)) {
    parts.push(Buffer.from(part as Uint8Array));
  }
  return Buffer.concat(parts).toString("utf8");
}

type Server = { stack: string; image: string };

const drillDatabases = (server: Server, backup: CheckedBackup, display: Display) =>
  withPostgres(server, async (administrator, container) => {
    const faults: string[] = [];
    for (const { database } of Object.values(backup.manifest.services)) {
      const { name, owner, roles, file, ...expected } = database;
      await asAdministrator(administrator, async (client) => {
        for (const role of roles) {
          await client.query(`create role ${escapeIdentifier(role)}`);
        }
      });
      const show = progressOf(display, name, backup.manifest.files[file].bytes);
      const tools = { container, image: server.image, isEncrypted: false };
      const target = { database: name, owner };
      const found = await restoreInto(administrator, tools, target, await backup.read(file, show));
      const differences = factDifferences(expected, found);
      faults.push(...differences.map((difference) => `${name}: ${difference}`));
      display.line(
        `  database ${name}: ${rowsOf(found)} rows, ${Object.keys(found.ledger).length} migrations, ` +
          (differences.length === 0 ? "as backed up" : `${differences.length} differences`),
      );
    }
    return faults;
  });

async function drillSessions(
  server: Server,
  backup: CheckedBackup,
  display: Display,
): Promise<string[]> {
  const stored = sessionsOf(backup.manifest);
  return stored.length === 0
    ? []
    : withRedis(server, async (login) => {
        const faults: string[] = [];
        for (const { service, file, keys } of stored) {
          const found = await restoreKeys(login, undefined, await backup.read(file));
          const all = found.restored + found.expired + found.kept;
          faults.push(
            ...(all === keys ? [] : [`sessions of ${service}: ${all} keys, not ${keys}`]),
          );
          display.line(
            `  sessions of ${service}: ${found.restored} keys, and ${found.expired} whose time is over`,
          );
        }
        return faults;
      });
}

export const sessionsOf = ({ services }: Pick<Manifest, "services">) =>
  Object.entries(services).flatMap(([service, { sessions }]) =>
    sessions ? [{ service, ...sessions }] : [],
  );
