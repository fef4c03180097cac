/** The containers of a stack that take part in a recovery, and what is asked of them. */
import { SERVERS } from "../../catalog/servers";
import { ARCHIVE_AGENT } from "../../catalog/wal-archive";
import { FaultError } from "../fault";
import type { Label } from "../machine/docker";
import { docker } from "../machine/docker-command";
import { lastLines, type Result, type RunOptions } from "../machine/run";
import { logicalName, TYPES } from "../resource-types";
import type { StackResource } from "../stack/state";
import type { Archive } from "./archive";

export interface Login {
  role: string;
  password: string;
}

export interface RecoveryServers {
  stack: string;
  /** Names of the containers. */
  postgres: string;
  archiver: string;
  /** Image of PostgreSQL's container. */
  image: string;
  /** Names of the volumes. */
  data: string;
  archive: string;
  superuser: Login;
  /** Roles whose passwords the stack knows. */
  logins: Login[];
}

/** @throws FaultError where the stack has no archive */
export function serversOf(stack: string, resources: readonly StackResource[]): RecoveryServers {
  const one = (type: string, name: string) =>
    resources.find(({ urn, type: found }) => found === type && logicalName(urn) === name);
  const container = (role: string) => one(TYPES.container, `${role}-container`);
  const postgres = container(SERVERS.postgres.role);
  const archiver = container(SERVERS.walArchiver.role);
  const data = one(TYPES.volume, `${SERVERS.postgres.role}-data`);
  const archive = one(TYPES.volume, `${SERVERS.walArchiver.role}-data`);
  const password = one(TYPES.password, `${SERVERS.postgres.role}-password`);
  if (!postgres || !archiver || !data || !archive || !password) {
    throw new FaultError([
      `Stack ${stack} has no archive of PostgreSQL's WAL, so that it cannot be recovered to a moment. docs/point-in-time.md says how to switch it on, and what servers that exist have.`,
    ]);
  }
  const nameOf = ({ inputs }: StackResource) => String(inputs.name);
  return {
    stack,
    postgres: nameOf(postgres),
    archiver: nameOf(archiver),
    image: String(postgres.inputs.image),
    data: nameOf(data),
    archive: nameOf(archive),
    superuser: { role: "postgres", password: String(password.outputs.result) },
    logins: loginsOf(resources),
  };
}

/** Roles of PostgreSQL whose passwords the stack knows. */
export const loginsOf = (resources: readonly StackResource[]): Login[] =>
  resources
    .filter(({ type, inputs }) => type === TYPES.role && typeof inputs.password === "string")
    .map(({ inputs }) => ({ role: String(inputs.name), password: String(inputs.password) }));

/**
 * The volume with the data of a server that has an archive, by the state: its containers may not be in it any more, once an
 * `up` has seen that they are gone.
 * @returns undefined where the stack has no archive
 */
export function archivedVolume(
  resources: readonly StackResource[],
): { name: string; labels: Label[] } | undefined {
  const named = (role: string) =>
    resources.find(({ urn, type }) => type === TYPES.volume && logicalName(urn) === `${role}-data`)
      ?.inputs;
  const data = named(SERVERS.postgres.role);
  return data && named(SERVERS.walArchiver.role)
    ? { name: String(data.name), labels: (data.labels ?? []) as Label[] }
    : undefined;
}

/** Why a stack with replicas is not recovered: what they have replayed after the moment they cannot take back. */
export const replicaFaults = (stack: string, resources: readonly StackResource[]): string[] =>
  resources.some(({ type }) => type === TYPES.replicaSlot)
    ? [
        `Stack ${stack} has replicas of PostgreSQL, which cannot follow a server that goes back. Set postgresReplicas to 0 and run up, then recover, then set it again. Nothing was changed.`,
      ]
    : [];

/** Runs the program of the archive's container. */
export const agent = (
  { archiver }: RecoveryServers,
  args: string[],
  options?: RunOptions,
): Promise<Result> => docker(["exec", archiver, "python3", ARCHIVE_AGENT, ...args], options);

/** @throws FaultError where the archive does not answer */
export async function askArchive(servers: RecoveryServers): Promise<Archive> {
  const { code, stdout, stderr } = await agent(servers, ["archive"]);
  if (code !== 0) {
    throw new FaultError([
      `The archive cannot be read (${lastLines(stderr, 1)}). Its container ${servers.archiver} must run: npm run up. Nothing was changed.`,
    ]);
  }
  return JSON.parse(stdout) as Archive;
}

/**
 * Runs SQL as the superuser in a container with PostgreSQL. No command line and no log holds the statements.
 * @returns what psql prints, rows as lines; undefined where the server does not answer
 */
export async function sql(
  container: string,
  statements: string,
  { role, password }: Login,
  socket = "/var/run/postgresql",
): Promise<string | undefined> {
  const script =
    'printf "%s" "$PLATFORM_SQL" | psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$1" -U "$2" -d postgres';
  const { code, stdout } = await docker(
    [
      ...["exec", "--env", "PLATFORM_SQL", "--env", "PGPASSWORD", container],
      ...["sh", "-c", script, "psql", socket, role],
    ],
    { env: { ...process.env, PLATFORM_SQL: statements, PGPASSWORD: password } },
  );
  return code === 0 ? stdout.trim() : undefined;
}
