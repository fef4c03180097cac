/** The replicas of PostgreSQL: whether each follows the primary, and whether readers get a standby. */
import { MOST_LAG_SECONDS } from "../../catalog/replication";
import { clientTls } from "../../components/platform/client-tls";
import { describeReplica, readReplicas, type Replica, replicaSlots } from "../replicas/read";
import { type Check, compared, type Finding, right, wrong } from "./finding";
import { type Platform, readsElsewhere } from "./platform";
import { withDatabase } from "./postgres";

export function replicaChecks({ resources, databases }: Platform): Check[] {
  const follow = {
    what: "replicas",
    ask: async () => (await readReplicas(resources)).map(judgeReplica),
  };
  return [
    ...(replicaSlots(resources).length > 0 ? [follow] : []),
    ...databases.filter(readsElsewhere).map(({ service, inputs, connections }) => {
      const { host, port, username: user, password, name } = connections.databaseReadonly;
      const what = `reads of ${service} at ${host}:${port}`;
      const login = { host, port, user, password, database: name, ssl: clientTls(inputs.trusted) };
      return {
        what,
        ask: () =>
          withDatabase(login, async (client) => {
            const { rows } = await client.query<{ standby: boolean }>(
              "select pg_is_in_recovery() as standby",
            );
            return [compared(what, rows[0].standby ? "a standby" : "a primary", "a standby")];
          }),
      };
    }),
  ];
}

export function judgeReplica(replica: Replica): Finding {
  const what = `replica ${replica.name}`;
  const found = describeReplica(replica);
  return replica.follows && (replica.lagSeconds ?? 0) <= MOST_LAG_SECONDS
    ? right(what, found)
    : wrong(what, found, `follows, at most ${MOST_LAG_SECONDS} s behind`);
}
