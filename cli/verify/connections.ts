/** The connections that each login of PostgreSQL uses, of those that it may. */
import {
  asAdministrator,
  type PostgresAdministrator,
} from "../../components/postgres/postgres-client";
import { APPLICATION_NAME } from "../../migrator";
import { TYPES } from "../resource-types";
import { type Check, type Finding, right, wrong } from "./finding";
import type { Platform } from "./platform";
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
  const roles = databases.flatMap(({ inputs, connections }) => [
    inputs.username,
    connections.database.username,
    connections.databaseReadonly.username,
  ]);
  const own = [APPLICATION, APPLICATION_NAME];
  return [
    {
      what: "connections",
      ask: () =>
        asAdministrator(rights.inputs as unknown as PostgresAdministrator, async (client) => {
          const { rows } = await client.query<ConnectionCount>(CONNECTIONS, [roles, own]);
          return rows.map(judgeConnections);
        }),
    },
  ];
}

export const judgeConnections = ({ role, allowed, used }: ConnectionCount): Finding => {
  const what = `connections of ${role}`;
  const found = `${used} of ${allowed < 0 ? "any number" : allowed}`;
  return allowed >= 0 && used >= allowed
    ? wrong(what, `${found}: none is left`)
    : right(what, found);
};
