import type { Catalogue, CatalogueObject } from "./schema-objects";

/** One object that differs from what migrations left. */
export interface Drift {
  /** `column users.email`, `trigger users_set_updated_at on users`, `grant on table users to audit`. */
  object: string;
  state: "missing" | "altered" | "extra";
  /** As migrations left it; absent if it is extra. */
  expected?: CatalogueObject;
  /** As the database has it; absent if it is missing. */
  found?: CatalogueObject;
}

/** Kinds that repeatable files create, so that another run of those files may restore them. */
const REPEATABLE_KINDS = new Set([
  "function",
  "procedure",
  "trigger",
  "view",
  "policy",
  "rule",
  "comment",
]);
/** Kinds that the owner of a database cannot change, only an administrator. */
const ADMINISTRATOR_KINDS = new Set(["membership", "attribute", "extension"]);
const OWNER = /^owner (\S+)/;

/** Whether the repeatable files may restore it; they never drop what they did not create. */
export const isRestorable = (drift: Drift): boolean =>
  drift.state !== "extra" &&
  REPEATABLE_KINDS.has(drift.expected?.kind ?? "") &&
  !changedOwner(drift);

/** Whether another role owns the object now: migrations run as the former owner and may not change it. */
function changedOwner({ expected, found }: Drift): boolean {
  const [was, is] = [expected, found].map((object) => OWNER.exec(object?.definition ?? "")?.[1]);
  return was !== undefined && is !== undefined && was !== is;
}

/**
 * Compares the objects that a database should have with those that it has. If a table is missing or extra, its
 * columns, constraints and the like are not listed as well.
 */
export function compare(expected: Catalogue, found: Catalogue): Drift[] {
  const drifts: Drift[] = [];
  for (const object of new Set([...expected.keys(), ...found.keys()])) {
    const [was, is] = [expected.get(object), found.get(object)];
    if (was?.definition !== is?.definition) {
      const state = is === undefined ? "missing" : was === undefined ? "extra" : "altered";
      drifts.push({ object, state, expected: was, found: is });
    }
  }
  const whole = new Set(drifts.filter(({ state }) => state !== "altered").map((d) => d.object));
  return drifts
    .filter(({ expected: was, found: is }) => !whole.has((was ?? is)?.partOf ?? ""))
    .sort((a, b) => a.object.localeCompare(b.object));
}

/**
 * The catalogue to expect after a run: the run's own changes, and everything else as expected before the run, so
 * that a run does not hide what was changed by hand.
 */
export function expectAfter(
  expected: Catalogue,
  before: Catalogue,
  after: Catalogue,
): Map<string, CatalogueObject> {
  const result = new Map(expected);
  for (const title of new Set([...before.keys(), ...after.keys()])) {
    const made = after.get(title);
    if (before.get(title)?.definition === made?.definition) {
      continue;
    }
    if (made === undefined) {
      result.delete(title);
    } else {
      result.set(title, made);
    }
  }
  return result;
}

/** A sentence with both definitions and the next step. */
export function formatDrift(drift: Drift): string {
  return `${drift.object} ${describeDifference(drift)}. ${nextStep(drift)}`;
}

function describeDifference({ state, expected, found }: Drift): string {
  switch (state) {
    case "missing": {
      const defined = readable(expected, true);
      return `is missing${defined && `; migrations define it as "${defined}"`}`;
    }
    case "altered": {
      const [defined, actual] = [readable(expected, false), readable(found, false)];
      return defined === actual
        ? "was changed"
        : `was changed: migrations define it as "${defined}", the database has "${actual}"`;
    }
    case "extra": {
      const actual = readable(found, true);
      return `is not from a migration${actual && `; the database has "${actual}"`}`;
    }
  }
}

/** The definition on one line, without the hashes that stand for long texts. */
function readable(object: CatalogueObject | undefined, leaveOutOwner: boolean): string {
  // An attribute of a role is set or not; its title says which one.
  const definition = object === undefined || object.kind === "attribute" ? "" : object.definition;
  return definition
    .replace(leaveOutOwner ? OWNER : "", "")
    .replace(/\bmd5 [0-9a-f]{32}/, "")
    .replace(/\s+/g, " ")
    .trim();
}

function nextStep(drift: Drift): string {
  if (isRestorable(drift)) {
    return "The next up restores it if a repeatable file creates it; otherwise restore it in a migration.";
  }
  const isExtra = drift.state === "extra";
  const kind = (drift.expected ?? drift.found)?.kind ?? "";
  if (changedOwner(drift) || ADMINISTRATOR_KINDS.has(kind)) {
    return `An administrator must ${isExtra ? "remove" : "restore"} it.`;
  }
  // A migration with `create ... if not exists` changes nothing, and so does not adopt it.
  return isExtra
    ? "Accept it by a repair (--accept-drift), or drop it in a migration."
    : "Restore it in a migration.";
}
