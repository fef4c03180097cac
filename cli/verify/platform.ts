import type { ServiceName } from "../../catalog/services";
import { targetOf } from "../../components/postgres/migration-inputs";
import type { ServiceConnections } from "../../contract/connections";
import type { Outputs } from "../../contract/outputs";
import {
  type Inspection,
  inspectObjects,
  type MigrationFiles,
  readMigrations,
} from "../../migrator";
import type { Drift, DriftReport } from "../drift/drift";
import { type LedgerTarget, ledgerTargets } from "../migrations/ledgers";
import type { StackResource } from "../stack/state";
import { type Finding, judged, unknown } from "./finding";

/** What the checks know of a stack before they ask its servers. */
export interface Platform {
  resources: readonly StackResource[];
  outputs: Outputs;
  databases: readonly PlatformDatabase[];
}

export interface PlatformDatabase extends LedgerTarget {
  service: ServiceName;
  connections: ServiceConnections;
  files: MigrationFiles;
  /** The database's ledger and objects, read once for several checks. */
  inspect(): Promise<Inspection>;
}

/** @throws MigrationFilesError where the files alone show a fault */
export function platformOf(resources: readonly StackResource[], outputs: Outputs): Platform {
  const services = Object.entries(outputs.services) as [ServiceName, ServiceConnections][];
  const databases = ledgerTargets(resources).flatMap((target) =>
    services
      .filter(([, { database }]) => database.name === target.inputs.database)
      .map(([service, connections]): PlatformDatabase => {
        const files = readMigrations(target.inputs.directory);
        return {
          ...{ ...target, service, connections, files },
          inspect: once(() => inspectObjects(targetOf(target.inputs), files, target.inputs)),
        };
      }),
  );
  return { resources, outputs, databases };
}

/** Whether a service's readers connect to another server than its writers. */
export const readsElsewhere = ({
  connections: { database, databaseReadonly },
}: Pick<PlatformDatabase, "connections">): boolean =>
  database.host !== databaseReadonly.host || database.port !== databaseReadonly.port;

/** Asks at the first call, and gives every caller that answer. */
export function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= ask());
}

/** The sentences about one resource. */
export const sentencesOf = (
  found: readonly Drift[],
  { urn }: Pick<StackResource, "urn">,
): string[] => found.filter((drift) => drift.urn === urn).map(({ sentence }) => sentence);

/** What a comparison of the stack's state with the live system says of one resource, or of all that were compared. */
export function judgeDrift(
  what: string,
  { found, unanswered }: DriftReport,
  resource?: Pick<StackResource, "urn">,
): Finding {
  if (unanswered.length > 0) {
    return unknown(what, `${unanswered.join(", ")}: no answer`);
  }
  const sentences = resource ? sentencesOf(found, resource) : found.map(({ sentence }) => sentence);
  return judged(what, sentences, "as designed");
}
