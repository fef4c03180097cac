import { archiveChecks } from "./archive";
import { backupChecks } from "./backups";
import { brokerChecks } from "./broker";
import { certificateChecks } from "./certificates";
import { connectionChecks } from "./connections";
import { containerChecks } from "./containers";
import { databaseChecks, migrationChecks } from "./databases";
import { pageChecks } from "./pages";
import type { Platform } from "./platform";
import { redisChecks } from "./redis";
import { replicaChecks } from "./replicas";
import type { Area } from "./report";
import { roleChecks } from "./roles";
import { routineChecks } from "./routines";
import { schemaChecks } from "./schemas";

/** Everything that the report asks, in the order in which a person reads it. */
export const areasOf = (platform: Platform, stack: string): Area[] => [
  ["containers", containerChecks(platform)],
  ["databases", databaseChecks(platform)],
  ["migrations", migrationChecks(platform)],
  ["functions", routineChecks(platform)],
  ["archive", archiveChecks(platform)],
  ["roles", roleChecks(platform)],
  ["connections", connectionChecks(platform)],
  ["replicas", replicaChecks(platform)],
  ["redis", redisChecks(platform)],
  ["broker", brokerChecks(platform)],
  ["schemas", schemaChecks(platform)],
  ["pages", pageChecks(platform)],
  ["certificates", certificateChecks(platform)],
  ["backups", backupChecks(platform, stack)],
];
