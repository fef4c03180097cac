/** The replicas of PostgreSQL, as their primary sees them. */
import type { PostgresAdministrator } from "../../components/postgres/postgres-client";
import { asAdministrator } from "../../components/postgres/postgres-client";
import type { ReplicaSlotInputs } from "../../components/postgres/replica-slot-inputs";
import { TYPES } from "../resource-types";
import type { StackResource } from "../stack/state";

export interface Replica {
  /** Role of its container. */
  name: string;
  /** Whether the primary sends it changes at this moment. */
  follows: boolean;
  /** Seconds from a change to its replay; 0 where it has replayed all, undefined where it does not follow. */
  lagSeconds?: number;
  /** Bytes of WAL that the primary keeps for it; undefined where it keeps none. */
  keptBytes?: number;
}

const READ = `
select expected.name, coalesce(r.state = 'streaming', false) as follows,
  case when r.state = 'streaming' then coalesce(extract(epoch from r.replay_lag), 0)::float8 end as "lagSeconds",
  pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)::float8 as "keptBytes"
from unnest($1::text[], $2::text[]) with ordinality expected (name, slot, position)
  left join pg_replication_slots s on s.slot_name = expected.slot
  left join pg_stat_replication r on r.pid = s.active_pid
order by position`;

/** The slots of the replicas in a stack's state. */
export const replicaSlots = (resources: readonly StackResource[]): ReplicaSlotInputs[] =>
  resources
    .filter(({ type }) => type === TYPES.replicaSlot)
    .map(({ inputs }) => inputs as unknown as ReplicaSlotInputs);

/** @throws what the primary answers, or that it does not */
export async function readReplicas(resources: readonly StackResource[]): Promise<Replica[]> {
  const slots = replicaSlots(resources);
  if (slots.length === 0) {
    return [];
  }
  const primary: PostgresAdministrator = slots[0];
  return asAdministrator(primary, async (client) => {
    const { rows } = await client.query<{ [K in keyof Replica]: Replica[K] | null }>(READ, [
      slots.map(({ replica }) => replica),
      slots.map(({ slot }) => slot),
    ]);
    return rows.map(
      (row) =>
        Object.fromEntries(
          Object.entries(row).filter(([, value]) => value !== null),
        ) as unknown as Replica,
    );
  });
}

/** What is said of a replica: `follows, 0.0 s behind`. */
export function describeReplica({ follows, lagSeconds = 0, keptBytes }: Replica): string {
  const kept =
    keptBytes === undefined
      ? "and will be copied anew"
      : `and the primary keeps ${Math.ceil(keptBytes / 1_048_576)} MiB for it`;
  return follows ? `follows, ${lagSeconds.toFixed(1)} s behind` : `does not follow, ${kept}`;
}
