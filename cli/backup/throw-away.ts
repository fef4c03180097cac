/** Servers that exist for one check: on a port of the loopback address, without a volume that stays. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { LABELS } from "../../catalog/labels";
import {
  asAdministrator,
  type PostgresAdministrator,
} from "../../components/postgres/postgres-client";
import { connected, type RedisLogin } from "../../components/redis/redis-client";
import { FaultError } from "../fault";
import { containerLog, removeContainer } from "../machine/docker";
import { docker } from "../machine/docker-command";
import { lastLines } from "../machine/run";
import { PROJECT } from "../stack/local-state";

const HOUR_MS = 3_600_000;
const START_MS = 120_000;
const POLL_MS = 250;

export interface ThrowAway {
  container: string;
  host: string;
  port: number;
  password: string;
}

interface Recipe {
  stack: string;
  image: string;
  /** Port in the container. */
  port: number;
  /** Variable that holds the password. */
  variable: string;
  command?: string[];
}

/**
 * Acts on a server in a container, which is gone afterwards. One that a killed run leaves is removed by `npm run sweep`
 * after an hour.
 */
async function withServer<T>(
  { stack, image, port, variable, command = [] }: Recipe,
  answers: (server: ThrowAway) => Promise<unknown>,
  act: (server: ThrowAway) => Promise<T>,
): Promise<T> {
  const password = randomBytes(24).toString("base64url");
  const name = `${PROJECT}-drill-${randomBytes(4).toString("hex")}`;
  const now = Date.now();
  const labels = {
    [LABELS.project]: PROJECT,
    [LABELS.stack]: `${stack}-drill`,
    [LABELS.created]: new Date(now).toISOString(),
    [LABELS.expires]: new Date(now + HOUR_MS).toISOString(),
  };
  const started = await docker(
    [
      ...["run", "--detach", "--rm", "--name", name, "--publish", `127.0.0.1::${port}`],
      ...Object.entries(labels).flatMap(([label, value]) => ["--label", `${label}=${value}`]),
      ...["--env", variable, image, ...command],
    ],
    { env: { ...process.env, [variable]: password } },
  );
  try {
    if (started.code !== 0) {
      throw new FaultError([`No throw-away server: ${lastLines(started.stderr)}`]);
    }
    const { stdout } = await docker(["port", name, String(port)]);
    const server = {
      container: name,
      host: "127.0.0.1",
      port: Number(/:(\d+)/.exec(stdout)?.[1]),
      password,
    };
    await waitFor(server, answers);
    return await act(server);
  } finally {
    // With its volume, as it was started with --rm. It has the data of a real stack.
    await removeContainer(name, { stopBy: "none" });
  }
}

async function waitFor(
  server: ThrowAway,
  answers: (server: ThrowAway) => Promise<unknown>,
): Promise<void> {
  const end = Date.now() + START_MS;
  for (;;) {
    try {
      await answers(server);
      return;
    } catch (error) {
      if (Date.now() > end) {
        throw new FaultError([
          `The throw-away server does not answer: ${(error as Error).message}\n${await containerLog(server.container)}`,
        ]);
      }
      await sleep(POLL_MS);
    }
  }
}

const administratorOf = ({ host, port, password }: ThrowAway): PostgresAdministrator => ({
  ...{ host, port, adminUsername: "postgres", adminPassword: password },
});

export const withPostgres = <T>(
  at: { stack: string; image: string },
  act: (administrator: PostgresAdministrator, container: string) => Promise<T>,
): Promise<T> =>
  withServer(
    { ...at, port: 5432, variable: "POSTGRES_PASSWORD" },
    (server) => asAdministrator(administratorOf(server), (client) => client.query("select 1")),
    (server) => act(administratorOf(server), server.container),
  );

const redisLogin = ({ host, port, password }: ThrowAway): RedisLogin => ({
  ...{ host, port, username: "default", password },
});

export const withRedis = <T>(
  at: { stack: string; image: string },
  act: (login: RedisLogin) => Promise<T>,
): Promise<T> =>
  withServer(
    {
      ...at,
      ...{ port: 6379, variable: "DRILL_PASSWORD" },
      // valkey's image has no redis-server in every version (components/redis/redis-container.ts).
      command: [
        ...["sh", "-c"],
        "server=redis-server; command -v valkey-server >/dev/null && server=valkey-server; " +
          `exec "$server" --save "" --requirepass "$DRILL_PASSWORD"`,
      ],
    },
    (server) => connected(redisLogin(server), (send) => send("PING")),
    (server) => act(redisLogin(server)),
  );
