/** What a PostgreSQL server that exists already must be and have, found out before anything is made on it. */
import { Client, DatabaseError } from "pg";

import { clientTls } from "../platform/client-tls";
import { errorText, type ServerFinding, tlsFinding } from "../platform/server-finding";
import { UNREACHABLE_CODES } from "../platform/unreachable";

const KEY = "postgresServer";
const LEAST_VERSION = 16;
const TIMEOUT_MS = 10_000;

const fault = (key: string, reason: string): ServerFinding => ({
  ...{ key: `${KEY}.${key}`, reason, kind: "fault" },
});

type HostKey = "host" | "migrationHost" | "readonlyHost";

interface Address {
  host: string;
  port: number;
}

export interface CheckedPostgres extends Address {
  /** Where the administrator and migrations connect; services may connect through a pooler. */
  direct: Address;
  /** Where services read, if the server has replicas. */
  readonly?: Address;
  username: string;
  password: string;
  /** Database to which the administrator connects. */
  database: string;
  trusted?: string;
  /** Most connections that the stack holds at a time. */
  connections: number;
  /** Longest time in milliseconds to wait for an answer. @default 10000 */
  timeoutMs?: number;
}

/** Looks at the server, and changes nothing on it. */
export async function checkPostgres(server: CheckedPostgres): Promise<ServerFinding[]> {
  const [found, ofReplicas] = await Promise.all([
    checkPrimary(server),
    // Whether it answers: it may not yet have the logins of which the primary was told a moment ago.
    server.readonly
      ? connectTo(server, server.readonly, "readonlyHost", { onlyAnswers: true })
      : [],
  ]);
  return [...found, ...ofReplicas];
}

async function checkPrimary(server: CheckedPostgres): Promise<ServerFinding[]> {
  const { direct, host, port } = server;
  if (direct.host === host && direct.port === port) {
    return connectTo(server, direct, "host");
  }
  const found = await Promise.all([
    connectTo(server, direct, "migrationHost"),
    // Of the pooler, whether it answers: it may know other logins than the server's.
    connectTo(server, { host, port }, "host", { onlyAnswers: true }),
  ]);
  return found.flat();
}

async function connectTo(
  server: CheckedPostgres,
  { host, port }: Address,
  hostKey: HostKey,
  { onlyAnswers = false } = {},
): Promise<ServerFinding[]> {
  const client = new Client({
    ...{ host, port, database: server.database, ssl: clientTls(server.trusted) },
    ...{ user: server.username, password: server.password },
    connectionTimeoutMillis: server.timeoutMs ?? TIMEOUT_MS,
    query_timeout: server.timeoutMs ?? TIMEOUT_MS,
    // Migrations begin their sessions with options, which poolers refuse.
    ...(onlyAnswers ? {} : { options: "-c search_path=pg_catalog" }),
  });
  client.on("error", () => undefined); // The query that it interrupts reports it.
  // pg 8.23.1 lib/client.js keeps what the server, or a pooler in its place, sent as the session's process.
  const sent = client as unknown as { processID?: number };
  try {
    await client.connect();
    return onlyAnswers ? [] : await examine(client, server, { host, port, pid: sent.processID });
  } catch (error) {
    const isAnswer = error instanceof DatabaseError;
    return onlyAnswers && isAnswer
      ? []
      : [refusal(error as Error, server, { host, port, hostKey })];
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** What a failed connection says of the configuration. */
function refusal(
  error: Error & { code?: string },
  { username, database }: CheckedPostgres,
  { host, port, hostKey }: Address & { hostKey: string },
): ServerFinding {
  const address = `${host}:${port}`;
  const { code = "", message } = error;
  if (/unsupported startup parameter/.test(message)) {
    return fault(
      "migrationHost",
      `must be the address of the server itself: ${address} is a pooler, which refuses the options that migrations need (${code}  ${message})`,
    );
  }
  if (code.startsWith("28")) {
    return fault(
      "password",
      `or username is wrong: ${address} refuses ${username} (${code}  ${message})`,
    );
  }
  if (code === "3D000") {
    return fault("database", `must be a database that exists: ${address} has no ${database}`);
  }
  if (/does not support SSL connections/.test(message)) {
    return fault("tls", `must be false: ${address} does not encrypt`);
  }
  const tls = tlsFinding(KEY, address, error);
  if (tls) {
    return tls;
  }
  if (UNREACHABLE_CODES.has(code) || /timeout|terminated unexpectedly/i.test(message)) {
    const reason = `names ${address}, where no PostgreSQL answers (${errorText(error)})`;
    return { key: `${KEY}.${hostKey}`, reason, kind: "out of reach" };
  }
  return fault(hostKey, `names ${address}, which refuses the connection: ${code}  ${message}`);
}

export interface Facts {
  version: number;
  standby: boolean;
  superuser: boolean;
  createdb: boolean;
  createrole: boolean;
  /** Whether template0 can be copied with the collation C.UTF-8. */
  collation: boolean;
  pid: number;
  maxConnections: number;
  reserved: number;
  settings: Record<string, string | null>;
}

const FACTS = `
select current_setting('server_version_num')::int / 10000 as version,
  pg_is_in_recovery() as standby, rolsuper as superuser, rolcreatedb as createdb, rolcreaterole as createrole,
  exists (select from pg_collation where lower(replace(collname, '-', '')) = 'c.utf8') as collation,
  pg_backend_pid() as pid, current_setting('max_connections')::int as "maxConnections",
  current_setting('superuser_reserved_connections')::int + coalesce(current_setting('reserved_connections', true), '0')::int as reserved,
  (select json_object_agg(name, current_setting(name, true))
   from unnest(array['log_statement', 'pgaudit.log', 'password_encryption', 'timezone']) name) as settings
from pg_roles where rolname = current_user`;

async function examine(
  client: Client,
  server: CheckedPostgres,
  { host, port, pid }: Address & { pid?: number },
): Promise<ServerFinding[]> {
  const { rows } = await client.query<Facts>(FACTS);
  return judge(rows[0], { ...server, host, port, pid });
}

/** What the facts of a server mean for the stack. */
export function judge(
  facts: Facts,
  { host, port, pid, username, connections }: CheckedPostgres & { pid?: number },
): ServerFinding[] {
  const address = `${host}:${port}`;
  const warning = (reason: string): ServerFinding => ({ key: KEY, reason, kind: "warning" });
  const { settings } = facts;
  const mayMake = facts.superuser || (facts.createdb && facts.createrole);
  const free = facts.maxConnections - facts.reserved;
  const isLogged = (value: string | null | undefined) =>
    /\b(ddl|mod|all|role)\b/i.test(value ?? "");
  const logs = ["log_statement", "pgaudit.log"].filter((name) => isLogged(settings[name]));
  return [
    ...(facts.version < LEAST_VERSION
      ? [
          fault(
            "host",
            `names ${address}, which is PostgreSQL ${facts.version}; it must be ${LEAST_VERSION} or later`,
          ),
        ]
      : []),
    ...(facts.standby
      ? [
          fault(
            "host",
            `names ${address}, which is a standby, and only reads; it must be the primary`,
          ),
        ]
      : []),
    ...(mayMake
      ? []
      : [
          fault(
            "username",
            `must be a login that may create databases and roles: alter role ${username} createdb createrole`,
          ),
        ]),
    ...(facts.collation
      ? []
      : [
          fault(
            "host",
            `names ${address}, whose system has no collation C.UTF-8, in which the databases are created`,
          ),
        ]),
    ...(pid !== undefined && pid !== facts.pid
      ? [
          warning(
            `something answers at ${address} in the server's place. If it is a pooler, migrationHost must be the address of the server itself`,
          ),
        ]
      : []),
    ...(free < connections
      ? [
          warning(
            `allows ${free} connections (max_connections without the reserved ones), and the roles of this stack may hold ${connections}`,
          ),
        ]
      : []),
    ...(logs.length > 0
      ? [
          warning(
            `writes statements to its log (${logs.join(", ")}), and so the passwords of roles that are created`,
          ),
        ]
      : []),
    ...(settings.password_encryption === "scram-sha-256"
      ? []
      : [warning("stores passwords as MD5: set password_encryption to scram-sha-256")]),
    ...(/^(UTC|Etc\/UTC|GMT|Etc\/GMT)$/i.test(settings.timezone ?? "")
      ? []
      : [
          warning(
            `has the time zone ${settings.timezone ?? "unknown"}: sessions without one of their own do not show UTC`,
          ),
        ]),
  ];
}
