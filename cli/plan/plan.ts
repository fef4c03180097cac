/** What a preview says that an update would do, read once: see recorder.ts. */
import type { AccessPoints } from "../../contract/outputs";
import type { NeededImage } from "../machine/images";

/** What an update does to a resource. A replacement counts as one action, although the engine reports it in three steps. */
export type Action = "none" | "create" | "update" | "replace" | "delete";

export interface Plan {
  containers: PlannedContainer[];
  volumes: PlannedObject[];
  networks: PlannedObject[];
  /** Images of all containers, each once. */
  images: NeededImage[];
  /** Databases that the program migrates, in alphabetical order. */
  migrations: PlannedMigrations[];
  /** Data that the update would delete. Replaced volumes are in `volumes`. */
  losses: DataLoss[];
  /** Topics that the update creates, changes, recreates or deletes, by name. */
  topics: PlannedTopic[];
  /** Versions of the schemas of events that the update registers, or that the program no longer has. */
  schemas: PlannedSchema[];
  /** What users may do after the update, and could not do before, or the reverse. */
  rights: RightChange[];
  /** Resources that exist according to the state, and that the update neither deletes nor replaces. */
  kept: KeptResource[];
  /** Number of changed resources by the engine's name of the change, in alphabetical order. */
  counts: Record<string, number>;
  /** Number of resources that stay as they are. */
  unchanged: number;
  /** Number of resources that gain or lose their protection from deletion, and change in nothing else. */
  protectionChanges: number;
  /** Whether an update has anything to do. */
  hasWork: boolean;
  /** Every resource that changes, once, by type and name. */
  resources: PlannedResource[];
  /** Every step that changes something, for the progress of the update. */
  changes: Change[];
  /** Addresses of the services. They follow from the configuration, so they are known before an update. */
  accessPoints: AccessPoints;
  /** Errors of the preview, without those in `protectionErrors`. */
  errors: string[];
  /** Errors with which the engine keeps protected topics, databases and volumes; `losses` has the reason for each. */
  protectionErrors: string[];
  /** Warnings of the preview. */
  warnings: string[];
}

export interface PlannedContainer {
  action: Action;
  /** The part of the program that makes it: `redis-session`. */
  service: string;
  /** Name in Docker, after the update where it has one then. */
  name: string;
  /** Name of the container that it replaces, which frees its name and ports. */
  replaces?: string;
  /** Ports of the host that it publishes. */
  ports: number[];
  /** Memory limit in MiB. */
  memoryMb: number;
  /** Names of the volumes that it has before and after the update. */
  keptVolumes: string[];
  /** Names of the volumes that it has in place of some that it had: another version of the server. */
  otherVolumes?: string[];
}

/** A volume or a network. */
export interface PlannedObject {
  action: Action;
  /** Name in Docker, before the update where it exists then. */
  name: string;
}

export interface PlannedMigrations {
  database: string;
  /** Folder of its files, from the root of the checkout. */
  directory: string;
  /** Whether the update creates the database. */
  isNew: boolean;
  /** Number of versioned files that the program has. */
  versioned: number;
  /** Number of repeatable files that the program has. */
  repeatable: number;
  /** Files that the update runs, versioned ones first. */
  pending: { name: string; checksum: string }[];
}

/** A topic, database or volume whose data would be deleted. */
export interface DataLoss {
  kind: "topic" | "database" | "volume";
  name: string;
  action: "delete" | "replace";
  /** Whether the engine protects it from deletion now. */
  isProtected: boolean;
  /** Partitions before and after, where a topic is replaced because it loses some. */
  partitions?: [before: number, after: number];
}

export interface PlannedTopic {
  action: Action;
  name: string;
  /** Settings that differ: before and after the update, undefined where it has none. */
  changes: { setting: string; before?: string; after?: string }[];
}

export interface PlannedSchema {
  topic: string;
  /** Type of the event. */
  type: string;
  /** Undefined for all of them. */
  version?: number;
  /** `keep` where the program no longer has it, and the registry keeps it for stored events. */
  action: "register" | "delete" | "keep";
}

export interface RightChange {
  /** `Kafka`, `PostgreSQL`, or the title of a Redis server. */
  system: string;
  user: string;
  change: "gained" | "lost";
  /** What the user may do, in the words of the system: `Read Topic`, `SELECT table`, `run`. */
  privilege: string;
  /** What it may do that with: a topic, a database, a pattern of keys ...; empty where there is nothing to name. */
  object: string;
}

export interface PlannedResource {
  type: string;
  /** Name in the program. */
  name: string;
  /** The engine's name of the change. */
  op: string;
}

export interface KeptResource {
  urn: string;
  type: string;
  /** Whether the update changes it. */
  changes: boolean;
  /** Whether it is protected from deletion after the update. */
  protect: boolean;
}

export interface Change {
  type: string;
  /** The engine's name of the change. */
  op: string;
}

/** Whether the update makes a container, volume or network that is not there now. */
export const isCreated = ({ action }: { action: Action }) => action === "create";

/** Whether the update leaves a resource exactly as the state has it. */
export const leavesUnchanged = ({ kept }: Plan, urn: string): boolean =>
  kept.some((resource) => resource.urn === urn && !resource.changes);
