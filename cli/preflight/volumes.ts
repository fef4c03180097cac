import type { PlannedObject } from "../plan/plan";

/** Refuses an update that would lose a volume's data, and one of a stack whose volumes are gone already. */
export const volumeFaults = (planned: PlannedObject[], existing: string[]): string[] => [
  ...planned
    .filter(({ action }) => action === "replace")
    .map(
      ({ name }) =>
        `The volume ${name} would be replaced by an empty one. Keep learning-platform:namePrefix as it is, ` +
        "or run down first, which deletes its data.",
    ),
  ...planned
    .filter(({ action, name }) => ["none", "update"].includes(action) && !existing.includes(name))
    .map(
      ({ name }) =>
        `The volume ${name} is missing, with all the data in it. Start over: run down, then up.`,
    ),
];
