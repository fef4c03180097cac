/**
 * A PostgreSQL server in a container that lives no longer than this process. It reads its standard input and stops when
 * that ends, which the end of this process brings about, also by SIGKILL: a server that stayed would have the data open
 * when the stack's own container starts on them.
 */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

import { LABELS } from "../../catalog/labels";
import { DATA_HOME } from "../../catalog/wal-archive";
import {
  asAdministrator,
  type PostgresAdministrator,
} from "../../components/postgres/postgres-client";
import { FaultError } from "../fault";
import { removeContainer } from "../machine/docker";
import { dockerLines } from "../machine/docker-command";
import { lastLines } from "../machine/run";
import { stopping, throwIfStopped } from "../machine/stopping";
import { PROJECT } from "../stack/local-state";

const START_MS = 180_000;
const POLL_MS = 250;
const HBA = "/tmp/pg_hba.conf";

/**
 * The password comes by standard input, so that Docker does not show it. The end of that input stops the server, and the
 * container ends with the server. A shell starts what is in the background with SIGINT ignored, so the server may miss the first
 * signal until it has set its own handler; and with an empty input, so that the command's has a number of its own.
 */
export const serverScript = (prepare: string): string => `
${prepare}
IFS= read -r POSTGRES_PASSWORD
export POSTGRES_PASSWORD
exec 3<&0
docker-entrypoint.sh postgres "$@" </dev/null 3<&- &
server=$!
(cat <&3 >/dev/null; while kill -INT $server; do sleep 1; done) 2>/dev/null &
wait $server`;

/** What the server writes waits for the stack's own container, so that the archive of its WAL has no gap. */
export const WAITING_ARCHIVE = { archive_mode: "on", archive_command: "/bin/false" } as const;

export interface BoundServer {
  /** Name of the container. */
  name: string;
  stack: string;
  image: string;
  /** Volume of its data. */
  volume: string;
  /** Of the superuser; where there are no data yet, they get this one. */
  password: string;
  /** Further options of `docker run`. */
  options: string[];
  settings: Readonly<Record<string, string | number>>;
  /**
   * Who may log in and how, as a line of pg_hba.conf. Data that came out of an archive have an empty file: the stack's server has
   * its rules elsewhere. A server without data needs none.
   */
  access?: string;
}

/**
 * Acts while the server runs. Afterwards it has stopped in order, so that its data are whole.
 * @throws FaultError where it does not start, or does not stop in order
 */
export async function withBoundServer<T>(server: BoundServer, act: () => Promise<T>): Promise<T> {
  await removeContainer(server.name);
  throwIfStopped();
  const child = spawn("docker", commandOf(server), {
    stdio: ["pipe", "pipe", "pipe"],
    // Ctrl-C reaches this process alone, which then ends the servers one after another.
    detached: true,
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  }
  const ended = new Promise<number>((resolve) => {
    child.on("error", () => resolve(127));
    child.on("close", (code) => resolve(code ?? 1));
  });
  child.stdin.on("error", () => undefined).write(`${server.password}\n`);
  let result: T;
  try {
    const failed = ended.then((code) => {
      throw new FaultError([`${server.name} ended (${code}):\n${lastLines(printed, 10)}`]);
    });
    failed.catch(() => undefined);
    result = await Promise.race([act(), failed]);
  } finally {
    child.stdin.end();
    await ended;
  }
  if ((await ended) !== 0) {
    throw new FaultError([
      `${server.name} did not stop in order, so that its data may not be whole:\n${lastLines(printed, 10)}`,
    ]);
  }
  return result;
}

const commandOf = ({
  name,
  stack,
  image,
  volume,
  options,
  settings,
  access,
}: BoundServer): string[] => [
  ...["run", "--rm", "--interactive", "--name", name, "--user", "0"],
  ...["--label", `${LABELS.project}=${PROJECT}`, "--label", `${LABELS.stack}=${stack}`],
  ...["--env", `PGDATA=${DATA_HOME}`, "--volume", `${volume}:${DATA_HOME}`],
  ...options,
  ...["--entrypoint", "/bin/sh", image, "-c"],
  ...(access === undefined
    ? [serverScript(""), "--"]
    : [serverScript(`echo "${access}" >${HBA}`), "--", "-c", `hba_file=${HBA}`]),
  ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]),
];

/** Port of the host that a container has published one of its ports on. */
export async function publishedPort(container: string, port: number): Promise<number> {
  for (const end = Date.now() + START_MS; Date.now() < end; await sleep(POLL_MS)) {
    throwIfStopped();
    const [line] = await dockerLines(["port", container, String(port)]);
    const found = /:(\d+)$/.exec(line ?? "")?.[1];
    if (found !== undefined) {
      return Number(found);
    }
  }
  throw new FaultError([`${container} does not start.`]);
}

/** Waits until the server answers its superuser. While it only initialises, it does not listen. */
export async function waitForAnswer(administrator: PostgresAdministrator): Promise<void> {
  for (const end = Date.now() + START_MS; ; await sleep(POLL_MS, undefined, { signal: stopping })) {
    throwIfStopped();
    try {
      await asAdministrator(administrator, (client) => client.query("select 1"));
      return;
    } catch (error) {
      if (Date.now() > end) {
        throw new FaultError([`PostgreSQL does not answer: ${(error as Error).message}`]);
      }
    }
  }
}
