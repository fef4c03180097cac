/** Which resources of an old state a new stack begins with: a pure function of the state. */
import { TYPES } from "../../resource-types";
import type { ExportedResource } from "../../stack/state";

/** A resource with what it depends on, as the engine exports it (pulumi 3.259.0, sdk/go/common/apitype/core.go, ResourceV3). */
export interface SeedResource extends ExportedResource {
  custom?: boolean;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[] | null>;
  deletedWith?: string;
}

/** They are values, and live in no server. */
const VALUES = new Set<string>([TYPES.password]);
const isValue = ({ type, custom }: SeedResource) =>
  !custom || VALUES.has(type) || type.startsWith("pulumi:");

const IN_DOCKER = /^docker:/;

const needs = ({ dependencies = [], propertyDependencies = {}, deletedWith }: SeedResource) => [
  ...dependencies,
  ...Object.values(propertyDependencies).flatMap((urns) => urns ?? []),
  ...(deletedWith ? [deletedWith] : []),
];

/**
 * Leaves out what was in containers that are gone: everything in Docker, and what follows from it. What is on servers that
 * exist does not, and stays; passwords and the authority of certificates stay always.
 */
export function seedOf(resources: readonly SeedResource[]): SeedResource[] {
  const gone = new Set(
    resources.filter(({ type, custom }) => custom && IN_DOCKER.test(type)).map(({ urn }) => urn),
  );
  // In a state, a resource comes after all that it needs.
  for (const resource of resources) {
    if (!isValue(resource) && needs(resource).some((urn) => gone.has(urn))) {
      gone.add(resource.urn);
    }
  }
  const stays = (urn: string) => !gone.has(urn);
  return resources
    .filter(({ urn, ...rest }) => stays(urn) && !rest.delete)
    .map(({ deletedWith, ...resource }) => ({
      ...resource,
      ...(deletedWith !== undefined && stays(deletedWith) ? { deletedWith } : {}),
      ...(resource.dependencies ? { dependencies: resource.dependencies.filter(stays) } : {}),
      ...(resource.propertyDependencies
        ? {
            propertyDependencies: Object.fromEntries(
              Object.entries(resource.propertyDependencies).map(([key, urns]) => [
                key,
                (urns ?? []).filter(stays),
              ]),
            ),
          }
        : {}),
    }));
}
