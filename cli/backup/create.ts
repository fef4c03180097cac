/** Makes a backup: every service's database and sessions, and the stack's state, encrypted; then the manifest. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { asAdministrator } from "../../components/postgres/postgres-client";
import { connected } from "../../components/redis/redis-client";
import { FaultError } from "../fault";
import type { StackOptions } from "../options";
import { readCommit } from "../report/commit";
import { PROJECT } from "../stack/local-state";
import { openStack } from "../stack/stack";
import { readResources } from "../stack/state";
import { createDisplay, type Display } from "../terminal/display";
import { encrypted } from "./age";
import { dumpDatabase } from "./content/dump";
import { noteBackup } from "./content/new-database";
import { dumpKeys } from "./content/sessions";
import { readStoredState } from "./content/stack-state";
import { FORMAT, MANIFEST, type Manifest, rowsOf, type ServiceEntry } from "./manifest";
import { Meter, progressOf, sizeText } from "./meter";
import { timeName } from "./names";
import type { Place } from "./places/place";
import { partsOf, type ServiceParts, type StackParts, withTools } from "./stack-parts";

export interface BackupTarget {
  place: Place;
  /** Public key of age. */
  recipient: string;
}

const STATE_FILE = "stack.state.age";

/**
 * @returns the folder in the place
 * @throws FaultError where a server does not answer or the place cannot be written; then there is no manifest
 */
export async function createBackup(
  options: StackOptions,
  { place, recipient }: BackupTarget,
  now = new Date(),
): Promise<string> {
  const { stack } = options;
  const opened = await openStack(stack);
  const [state, resources] = await Promise.all([readStoredState(opened), readResources(opened)]);
  const parts = partsOf(stack, resources);
  const folder = `${stack}/${timeName(now)}`;
  const display = createDisplay();
  const files: Manifest["files"] = {};
  const write = async (file: string, content: Readable) => {
    const meter = new Meter(progressOf(display, file));
    const sealed = await encrypted(content, recipient);
    const written = place.write(`${folder}/${file}`, meter).catch((error: Error) => {
      // Nobody reads any more: without this, the other end would wait for ever.
      meter.destroy(error);
      throw error;
    });
    throwCause(await Promise.allSettled([pipeline(sealed, meter), written]));
    files[file] = meter.result();
  };
  try {
    display.line(`Backing up stack ${stack} to ${place.title}/${folder}`);
    if (parts.note) {
      display.line(parts.note);
    }
    await write(STATE_FILE, Readable.from([Buffer.from(JSON.stringify(state))]));
    const services = await withTools(parts, options, async (tools) => {
      const entries: Record<string, ServiceEntry> = {};
      // One after another: a backup must not take a server's whole disk and processors.
      for (const service of parts.services) {
        entries[service.service] = await backUpService(service, tools, write, { display, files });
      }
      return entries;
    });
    const manifest: Manifest = {
      format: FORMAT,
      project: PROJECT,
      stack,
      createdAt: now.toISOString(),
      ...(await commitOf()),
      servers: await versionsOf(parts),
      services,
      state: STATE_FILE,
      files,
    };
    const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
    await place.write(`${folder}/${MANIFEST}`, Readable.from([Buffer.from(text)]));
    for (const { database } of parts.services) {
      await noteBackup(parts.administrator, database.database, manifest.createdAt);
    }
    const total = Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
    display.line(`Backup complete: ${place.title}/${folder}, ${sizeText(total)}`);
    return folder;
  } finally {
    display.end();
  }
}

/** Each end of a stream fails where the other one does: what says why is thrown. */
function throwCause(ends: PromiseSettledResult<unknown>[]): void {
  const reasons = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as Error] : []));
  const cause = reasons.find((reason) => reason instanceof FaultError) ?? reasons[0];
  if (cause !== undefined) {
    throw cause;
  }
}

async function backUpService(
  { service, database: inputs, roles, sessions }: ServiceParts,
  tools: Parameters<typeof dumpDatabase>[1],
  write: (file: string, content: Readable) => Promise<void>,
  { display, files }: { display: Display; files: Manifest["files"] },
): Promise<ServiceEntry> {
  const since = Date.now();
  const file = `${service}.dump.age`;
  const facts = await dumpDatabase(inputs, tools, (dump) => write(file, dump));
  const tables = Object.keys(facts.tables).length;
  const seconds = ((Date.now() - since) / 1000).toFixed(1);
  display.line(
    `  database ${inputs.database}: ${tables} tables, ${rowsOf(facts)} rows, ${sizeText(files[file].bytes)}, ${seconds} s`,
  );
  const database = { name: inputs.database, owner: inputs.owner, roles, file, ...facts };
  if (sessions === undefined) {
    return { database };
  }
  let keys = 0;
  const keysFile = `${service}.sessions.age`;
  await write(
    keysFile,
    dumpKeys(sessions.login, sessions.prefix, (count) => void (keys = count)),
  );
  display.line(`  sessions of ${service}: ${keys} keys, ${sizeText(files[keysFile].bytes)}`);
  return { database, sessions: { file: keysFile, keys } };
}

async function commitOf(): Promise<Pick<Manifest, "commit">> {
  const found = await readCommit();
  return found ? { commit: found.hash } : {};
}

async function versionsOf({ administrator, services }: StackParts): Promise<Manifest["servers"]> {
  const postgres = await asAdministrator(administrator, async (client) => {
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    return rows[0].server_version;
  });
  const sessions = services.find((service) => service.sessions)?.sessions;
  if (sessions === undefined) {
    return { postgres };
  }
  const info = await connected(sessions.login, (send) => send("INFO", "server"));
  const redisSession = /^redis_version:(\S+)/m.exec(String(info))?.[1];
  return { postgres, ...(redisSession === undefined ? {} : { redisSession }) };
}
