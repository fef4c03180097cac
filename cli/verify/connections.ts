/** The connections that each login of PostgreSQL uses, of those that it may. */
import {
  asAdministrator,
  type PostgresAdministrator,
} from "../../components/postgres/postgres-client";
import { APPLICATION_NAME } from "../../migrator";
import { TYPES } from "../resource-types";
import { type Check, type Finding, right, wrong } from "./finding";
import { type Platform, readsElsewhere } from "./platform";
import { APPLICATION } from "./postgres";

/** The sessions of each role, without those of this process. */
const CONNECTIONS = `
select rolname as role, rolconnlimit as allowed, count(pid)::int as used
from pg_roles left join pg_stat_activity
  on usesysid = pg_roles.oid and application_name <> all ($2)
where rolname = any ($1)
group by rolname, rolconnlimit
order by rolname`;

interface ConnectionCount {
  role: string;
  /** -1 is no limit. */
  allowed: number;
  used: number;
}

export function connectionChecks({ resources, databases }: Platform): Check[] {
  const rights = resources.find(({ type }) => type === TYPES.databaseRights);
  if (rights === undefined) {
    return [];
  }
  const primary = rights.inputs as unknown as PostgresAdministrator;
  const logins = databases.flatMap((database) => {
    const { inputs, connections } = database;
    const { host, port, username } = connections.databaseReadonly;
    return [
      { role: inputs.username, server: primary },
      { role: connections.database.username, server: primary },
      // Each server counts its own connections.
      { role: username, server: readsElsewhere(database) ? { ...primary, host, port } : primary },
    ];
  });
  const addressOf = ({ host, port }: PostgresAdministrator) => `${host}:${port}`;
  const servers = new Map(logins.map(({ server }) => [addressOf(server), server]));
  return [...servers].map(([address, server]) => ({
    what: "connections",
    ask: () =>
      countConnections(
        server,
        logins.filter((login) => addressOf(login.server) === address).map(({ role }) => role),
      ),
  }));
}

const countConnections = (server: PostgresAdministrator, roles: string[]): Promise<Finding[]> =>
  asAdministrator(server, async (client) => {
    const own = [APPLICATION, APPLICATION_NAME];
    const { rows } = await client.query<ConnectionCount>(CONNECTIONS, [roles, own]);
    return rows.map(judgeConnections);
  });

export const judgeConnections = ({ role, allowed, used }: ConnectionCount): Finding => {
  const what = `connections of ${role}`;
  const found = `${used} of ${allowed < 0 ? "any number" : allowed}`;
  return allowed >= 0 && used >= allowed
    ? wrong(what, `${found}: none is left`)
    : right(what, found);
};
