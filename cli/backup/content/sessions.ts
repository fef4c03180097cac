/**
 * The keys of one service on the session server. DUMP and RESTORE work on a server in a container and on a managed one, and
 * keep every type of value; times to live are kept as the moment at which they end, so that they go on while a backup lies.
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

import { connected, type RedisLogin, type SendBytes } from "../../../components/redis/redis-client";
import { FaultError } from "../../fault";

/** Keys that one SCAN looks at, and that are asked for at once. */
const BATCH = 500;

/** One line of the file. */
interface Line {
  /** Name of the key, and what DUMP answered; base64. */
  key: string;
  value: string;
  /** Milliseconds since 1970; absent if the key does not expire. */
  expiresAt?: number;
}

/**
 * Reads every key with a prefix. SCAN finds each key that is there all the time at least once; one that comes or goes
 * meanwhile may be in it or not.
 * @param count called with the number of keys when all are read
 */
export function dumpKeys(
  login: RedisLogin,
  prefix: string,
  count: (keys: number) => void,
): Readable {
  return Readable.from(linesOf(login, prefix, count));
}

/** A connection lives as long as an act: lines go through a queue of one batch. */
async function* linesOf(
  login: RedisLogin,
  prefix: string,
  count: (keys: number) => void,
): AsyncGenerator<Buffer> {
  const seen = new Set<string>();
  let cursor = "0";
  do {
    const batch = await connected(login, (_, send) => readBatch(send, cursor, prefix, seen));
    cursor = batch.cursor;
    if (batch.lines.length > 0) {
      yield Buffer.from(batch.lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    }
  } while (cursor !== "0");
  yield Buffer.from(`${JSON.stringify({ end: seen.size })}\n`);
  count(seen.size);
}

async function readBatch(
  send: SendBytes,
  cursor: string,
  prefix: string,
  seen: Set<string>,
): Promise<{ cursor: string; lines: Line[] }> {
  const pattern = `${prefix.replace(/[\\*?[\]^]/g, "\\$&")}*`;
  const [next, keys] = (await send(
    ...["SCAN", cursor, "MATCH", pattern, "COUNT", String(BATCH)],
  )) as [Buffer, Buffer[]];
  const fresh = keys.filter((key) => !seen.has(key.toString("base64")));
  const found = await Promise.all(
    fresh.map(async (key): Promise<Line | undefined> => {
      const [value, expires] = await Promise.all([send("DUMP", key), send("PEXPIRETIME", key)]);
      // It has ended since: PEXPIRETIME answers -2, DUMP nothing (redis.io/docs/latest/commands/pexpiretime).
      if (!Buffer.isBuffer(value) || Number(expires) === -2) {
        return undefined;
      }
      return {
        key: key.toString("base64"),
        value: value.toString("base64"),
        ...(Number(expires) >= 0 ? { expiresAt: Number(expires) } : {}),
      };
    }),
  );
  const lines = found.filter((line) => line !== undefined);
  lines.forEach(({ key }) => seen.add(key));
  return { cursor: next.toString(), lines };
}

export interface RestoredKeys {
  restored: number;
  /** They were there, and newer. */
  kept: number;
  /** Their time was over. */
  expired: number;
}

/**
 * Writes back the keys that are missing. A key that is there is newer than the backup, and stays.
 * @param prefix with which each key has to begin; undefined takes any
 * @throws FaultError where the file is damaged, or holds a key of another service
 */
export async function restoreKeys(
  login: RedisLogin,
  prefix: string | undefined,
  content: Readable,
): Promise<RestoredKeys> {
  const counts: RestoredKeys = { restored: 0, kept: 0, expired: 0 };
  const flush = (lines: Line[]) =>
    connected(login, (_, send) => Promise.all(lines.map((line) => restoreKey(send, line, counts))));
  let batch: Line[] = [];
  let end: number | undefined;
  let read = 0;
  for await (const text of createInterface({ input: content, crlfDelay: Infinity })) {
    const line = parseLine(text);
    if ("end" in line) {
      end = line.end;
      continue;
    }
    if (
      !Buffer.from(line.key, "base64")
        .toString("utf8")
        .startsWith(prefix ?? "")
    ) {
      throw new FaultError([`The backup has a key that does not begin with ${prefix}.`]);
    }
    read += 1;
    batch.push(line);
    if (batch.length >= BATCH) {
      await flush(batch);
      batch = [];
    }
  }
  await flush(batch);
  if (end !== read) {
    throw new FaultError([`A file of keys ends too early: it has ${read} of ${end ?? "more"}.`]);
  }
  return counts;
}

function parseLine(text: string): Line | { end: number } {
  try {
    return JSON.parse(text) as Line | { end: number };
  } catch {
    throw new FaultError(["The file of keys is damaged."]);
  }
}

async function restoreKey(
  send: SendBytes,
  { key, value, expiresAt }: Line,
  counts: RestoredKeys,
): Promise<void> {
  if (expiresAt !== undefined && expiresAt <= Date.now()) {
    counts.expired += 1;
    return;
  }
  const [name, dump] = [key, value].map((text) => Buffer.from(text, "base64"));
  try {
    // Without REPLACE, a key that exists is refused (redis.io/docs/latest/commands/restore).
    await send("RESTORE", name, String(expiresAt ?? 0), dump, "ABSTTL");
    counts.restored += 1;
  } catch (error) {
    if (!/^BUSYKEY/.test((error as Error).message)) {
      throw error;
    }
    counts.kept += 1;
  }
}
