import type * as pulumi from "@pulumi/pulumi";

import { SERVERS } from "../catalog/servers";
import { archiveFolder } from "../catalog/wal-archive";
import type { PlatformConfig } from "../config";
import type { PlatformServers } from "./platform-servers";
import { PostgresContainer } from "./postgres/postgres-container";
import { WalArchiver } from "./postgres/wal-archive/wal-archiver";

/** Creates the container that archives PostgreSQL's WAL. @returns undefined where the configuration asks for none */
export function createWalArchiver(
  { place, postgres, certificates, archiveVolume }: PlatformServers,
  { walArchive, stack, postgresMajor }: PlatformConfig,
  child: pulumi.ComponentResourceOptions,
): WalArchiver | undefined {
  if (walArchive === undefined || archiveVolume === undefined) {
    return undefined;
  }
  if (!(postgres instanceof PostgresContainer)) {
    throw new Error("Only the WAL of a server in a container is archived.");
  }
  return new WalArchiver(
    SERVERS.walArchiver.role,
    {
      ...place("walArchiver"),
      ...walArchive,
      folder: archiveFolder(stack, postgresMajor),
      server: postgres,
      volumeName: archiveVolume.name,
      trusted: certificates?.trusted,
    },
    child,
  );
}
