/** Copies a server's data to a new server of a later major version, while nobody else can reach either. */
import { initdbArguments } from "../../catalog/postgres-majors";
import { type SchemaMigrationsInputs, targetOf } from "../../components/postgres/migration-inputs";
import {
  asAdministrator,
  type PostgresAdministrator,
} from "../../components/postgres/postgres-client";
import { carrySnapshot } from "../../migrator";
import { grantRights, rightsOn } from "../backup/content/new-database";
import { FaultError } from "../fault";
import { volumeCreation } from "../machine/docker";
import { docker, dockerOk } from "../machine/docker-command";
import { publishedPort, waitForAnswer, WAITING_ARCHIVE, withBoundServer } from "./bound-server";
import { compareServers, databasesOf } from "./compare";
import { type UpgradableServer, UPGRADED_FROM } from "./server";

/** Ports in the network that both containers share. */
const OLD_PORT = 5432;
const NEW_PORT = 5433;

export interface Target {
  /** Image of the new version, as Docker finds it. */
  image: string;
  volume: string;
  /** Image that the stack's configuration names now, to go back. */
  imageBefore: string;
  /** The databases whose migrations the stack runs. */
  migrated: readonly SchemaMigrationsInputs[];
  /** Whether the new server waits until data is on the disk. */
  fsync: boolean;
}

type Say = (line: string) => void;

/**
 * Fills a new volume with the data of the old one, and compares both. The stack's own container must have stopped.
 * @throws FaultError where anything failed or differs; the old volume has what it had
 */
export async function copyData(server: UpgradableServer, target: Target, say: Say): Promise<void> {
  const { container, superuser, volume } = server;
  const labels = [
    ...server.labels,
    { label: UPGRADED_FROM.image, value: target.imageBefore },
    { label: UPGRADED_FROM.volume, value: volume },
  ];
  await dockerOk("The new volume was not made", volumeCreation(target.volume, labels));
  const old = `${container}-upgrade-from`;
  const made = `${container}-upgrade-to`;
  const common = { stack: server.stack, password: superuser.password };
  await withBoundServer(
    {
      ...common,
      ...{ name: old, image: server.image, volume },
      // The other server joins its network. Nobody knows the ports of the host.
      options: [OLD_PORT, NEW_PORT].flatMap((port) => ["--publish", `127.0.0.1::${port}`]),
      access: "host all all all scram-sha-256",
      settings: server.archives ? WAITING_ARCHIVE : {},
    },
    async () => {
      const before = await reach(old, OLD_PORT, server);
      await withBoundServer(
        {
          ...common,
          ...{ name: made, image: target.image, volume: target.volume },
          options: [
            ...["--network", `container:${old}`, "--env", `PGPORT=${NEW_PORT}`],
            ...["--env", `POSTGRES_INITDB_ARGS=${initdbArguments(target.fsync)}`],
          ],
          settings: { ...FAST, fsync: target.fsync ? "on" : "off" },
        },
        async () => {
          const after = await reach(old, NEW_PORT, server);
          await transfer(made, before, after, say);
          await compare(before, after, say);
          for (const inputs of target.migrated) {
            await carrySnapshot(at(inputs, before), at(inputs, after));
          }
        },
      );
    },
  );
}

/** A database's migrator on another server. */
const at = (inputs: SchemaMigrationsInputs, { host, port }: PostgresAdministrator) =>
  targetOf({ ...inputs, host, port, trusted: undefined });

/** A server that is filled once, and that nobody else uses (postgresql.org/docs/16/populate.html). */
const FAST = {
  autovacuum: "off",
  synchronous_commit: "off",
  wal_level: "minimal",
  max_wal_senders: 0,
  max_wal_size: "2GB",
  // Statements hold verifiers of passwords.
  log_min_error_statement: "panic",
} as const;

async function reach(
  container: string,
  port: number,
  { superuser: { role, password } }: UpgradableServer,
): Promise<PostgresAdministrator> {
  const administrator = {
    ...{ host: "127.0.0.1", port: await publishedPort(container, port) },
    ...{ adminUsername: role, adminPassword: password },
  };
  await waitForAnswer(administrator);
  return administrator;
}

/**
 * Roles first, then each database with its rights and settings, by the programs of the later version, as PostgreSQL advises
 * (postgresql.org/docs/16/upgrading.html). The superuser is there already.
 */
async function transfer(
  made: string,
  before: PostgresAdministrator,
  after: PostgresAdministrator,
  say: Say,
): Promise<void> {
  const from = `--host=127.0.0.1 --port=${OLD_PORT} --username=${before.adminUsername} --no-password`;
  const to = `--host=127.0.0.1 --port=${NEW_PORT} --username=${before.adminUsername} --no-password`;
  // Compressing what only passes through a pipe would take most of the time.
  const dump = `pg_dump --format=custom --compress=0 ${from}`;
  const bash = async (what: string, script: string, ...args: string[]) => {
    await dockerOk(
      what,
      [
        ...["exec", "--env", "PGPASSWORD", made, "bash", "-c", `set -euo pipefail\n${script}`],
        ...["copy", ...args],
      ],
      { env: { ...process.env, PGPASSWORD: before.adminPassword } },
    );
  };
  say("Copying roles ...");
  await bash(
    "The roles were not copied",
    `pg_dumpall --globals-only ${from} | { grep -vx 'CREATE ROLE ${before.adminUsername};' || true; } |
      psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 ${to} --dbname=postgres`,
  );
  for (const database of await databasesOf(before)) {
    say(`Copying database ${database} ...`);
    await bash(
      `The database ${database} was not copied`,
      `${dump} --dbname="$1" | pg_restore --create --exit-on-error ${to} --dbname=postgres`,
      database,
    );
  }
  // That of the superuser is there already: what it has is copied, among it rights on PostgreSQL's own functions.
  await bash(
    "The database postgres was not copied",
    `${dump} --dbname=postgres | pg_restore --exit-on-error ${to} --dbname=postgres`,
  );
  // Only a database that a dump creates brings the rights on itself along.
  for (const database of ["postgres", "template1"]) {
    const rights = await asAdministrator(before, (client) => rightsOn(client, database));
    await asAdministrator(after, (client) => grantRights(client, database, rights));
  }
}

async function compare(
  before: PostgresAdministrator,
  after: PostgresAdministrator,
  say: Say,
): Promise<void> {
  say("Comparing all rows, roles and rights ...");
  const { differences, databases } = await compareServers(before, after);
  if (differences.length > 0) {
    throw new FaultError(["The copy is not what was copied:", ...differences]);
  }
  for (const { name, tables, rows, migrations } of databases) {
    say(`  ${name}: ${tables} tables, ${rows} rows, ${migrations} migrations, as before`);
  }
}

/** Removes a volume that no container uses, whatever becomes of this run. */
export const removeVolume = (name: string) => docker(["volume", "rm", name], { stopBy: "none" });
