import type { PostgresAdministrator } from "./postgres-client";

/** What the state holds of the slot of a replica. */
export interface ReplicaSlotInputs extends PostgresAdministrator {
  /** Role of the replica's container. */
  replica: string;
  /** Name of its slot on the primary. */
  slot: string;
}
