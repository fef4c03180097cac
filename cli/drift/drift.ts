import type { StackResource } from "../stack/state";
import { checkBroker } from "./broker";
import { checkDocker } from "./docker";
import { checkPostgres } from "./postgres";
import { checkRedis } from "./redis";
import { checkSchemas } from "./schemas";

/** Something that is no longer as the stack left it. */
export interface Drift {
  /** URN of the resource that changed; absent where no resource stands for it, as for a server's administrator. */
  urn?: string;
  /** What it is, what was found and what is expected: `topic x: retention.ms is 1000, should be 2000`. */
  sentence: string;
  /** URNs of all resources that the engine must read again; by default the one that changed. */
  refresh?: string[];
  /** Identifier of a container to remove first. */
  removeContainer?: string;
  /** A role that must have no right on a database. No resource names the two, so that the engine cannot repair it. */
  revoke?: { database: string; role: string };
  /** Why an update does not fix it, and what to do instead. */
  fault?: string;
  /** The same, where the resource is protected from deletion. */
  faultIfProtected?: string;
  /** What to do where an update did not fix it. */
  advice?: string;
}

/** What one system's check found. */
export interface DriftReport {
  found: Drift[];
  /** Servers that did not answer, each once: `Kafka API at localhost:19092`. That is no drift. */
  unanswered: string[];
}

/** Compares the resources of the state with the system that they are in. */
export type DriftCheck = (resources: readonly StackResource[]) => Promise<DriftReport>;

const CHECKS: readonly DriftCheck[] = [
  checkDocker,
  checkPostgres,
  checkBroker,
  checkSchemas,
  checkRedis,
];

/** What is no longer as the stack left it, in all systems. */
export async function findDrift(resources: readonly StackResource[]): Promise<DriftReport> {
  const reports = await Promise.all(CHECKS.map((check) => check(resources)));
  return {
    found: reports.flatMap(({ found }) => found),
    unanswered: reports.flatMap(({ unanswered }) => unanswered),
  };
}

/** The drift as a person reads it: above the plan of an `up` that fixes it, or in a preview. */
export const driftLines = (found: readonly Drift[], heal: boolean): string[] =>
  found.length === 0
    ? []
    : [
        heal ? "Fixing drift:" : "Drift that up fixes:",
        ...found.map(({ sentence }) => `  ${sentence}`),
      ];

/**
 * Drift that an update must not touch.
 * @param isProtected whether the resource of a URN is protected from deletion
 */
export const refusedDrift = (
  found: readonly Drift[],
  isProtected: (urn: string) => boolean,
): string[] =>
  found.flatMap(({ urn, fault, faultIfProtected }) => [
    ...(fault === undefined ? [] : [fault]),
    ...(faultIfProtected !== undefined && urn !== undefined && isProtected(urn)
      ? [faultIfProtected]
      : []),
  ]);

/** Drift that is still there after an update, each with what to do. */
export const remainingDrift = (found: readonly Drift[]): string[] =>
  found.map(
    ({ sentence, advice }) =>
      `Drift that up could not fix: ${sentence}.${advice === undefined ? "" : ` ${advice}`}`,
  );

/** URNs of all resources that the engine must read again to see the drift. */
export const urnsToRefresh = (found: readonly Drift[]): string[] => [
  ...new Set(found.flatMap(({ urn, refresh }) => refresh ?? urn ?? [])),
];
