import { type Catalogue, type CatalogueObject, nameOf } from "./schema-objects";

/** One object that is not as migrations left it. */
export interface Drift {
  /** `column users.email`, `trigger users_set_updated_at on users`, `grant on table users to audit`. */
  object: string;
  state: "missing" | "altered" | "extra";
  /** As migrations left it; absent where it is extra. */
  expected?: CatalogueObject;
  /** As it is; absent where it is missing. */
  found?: CatalogueObject;
}

/** Kinds that repeatable files make, so that running those again may bring them back. */
const REPEATABLE_KINDS = new Set([
  "function",
  "procedure",
  "trigger",
  "view",
  "policy",
  "rule",
  "comment",
]);
/** Kinds that only an administrator can put right, not the owner of a database. */
const ADMINISTRATORS = new Set(["membership", "attribute", "extension"]);
const OWNER = /^owner (\S+)/;

/** Whether the repeatable files may put it right; they never drop what they did not make. */
export const isRestorable = (drift: Drift): boolean =>
  drift.state !== "extra" &&
  REPEATABLE_KINDS.has(drift.expected?.kind ?? "") &&
  formerOwner(drift) === undefined;

/** The role that owned the object, where another one does now: neither files nor migrations may touch it. */
function formerOwner({ expected, found }: Drift): string | undefined {
  const [was, is] = [expected, found].map((object) => OWNER.exec(object?.definition ?? "")?.[1]);
  return was !== undefined && is !== undefined && was !== is ? was : undefined;
}

/** Compares what a database consists of with what it should, by object; what went with a table is told with it. */
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
 * What the catalogue should be after a run: what the run changed as the run made it, and the rest as it was
 * expected before, so that a run does not hide what somebody changed by hand.
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

/** A sentence with what was found and what to do. */
export function formatDrift(drift: Drift): string {
  return `${drift.object} ${whatHappened(drift)}. ${wayOut(drift)}`;
}

function whatHappened({ state, expected, found }: Drift): string {
  const isOpaque = expected?.definition.includes("md5 ") ?? false;
  switch (state) {
    case "missing":
      return isOpaque || !expected?.partOf ? "is gone" : `is gone (it was: ${expected.definition})`;
    case "altered":
      return isOpaque
        ? "was changed"
        : `was changed from "${expected?.definition}" to "${found?.definition}"`;
    case "extra":
      return "is not from a migration";
  }
}

function wayOut(drift: Drift): string {
  if (isRestorable(drift)) {
    return "up restores it where a repeatable file makes it; else a migration must.";
  }
  const kind = (drift.expected ?? drift.found)?.kind ?? "";
  const owner = formerOwner(drift);
  const statement = owner ? `alter ${drift.object} owner to ${owner}` : statementFor(drift);
  if (owner || ADMINISTRATORS.has(kind)) {
    return `An administrator must put that right, as by: ${statement}.`;
  }
  // A migration that makes it where it is missing changes nothing, and so does not adopt it.
  const whatToDo =
    drift.state === "extra"
      ? "Accept it by a repair, or drop it in a migration"
      : "A migration must put it back";
  return `${whatToDo}${statement ? `, as by: ${statement}` : ""}.`;
}

/** SQL that puts the object right, in a form that does no harm where nothing was changed by hand. */
function statementFor({ object, state, expected, found }: Drift): string | undefined {
  const { kind, name, partOf } = (expected ?? found) as CatalogueObject;
  const parent = nameOf(partOf);
  const definition = expected?.definition ?? "";
  switch (kind) {
    case "column": {
      const column = name.slice(parent.length + 1);
      return {
        missing: `alter table ${parent} add column if not exists ${column} ${definition}`,
        altered: undefined,
        extra: `alter table ${parent} drop column if exists ${column}`,
      }[state];
    }
    case "constraint": {
      const drop = `alter table ${parent} drop constraint if exists ${name}`;
      return state === "extra" ? drop : `${drop}, add constraint ${name} ${definition}`;
    }
    case "index": {
      const make = definition.replace(" INDEX ", " INDEX IF NOT EXISTS ");
      const drop = `drop index if exists ${name}`;
      return { missing: make, altered: `${drop}; ${definition}`, extra: drop }[state];
    }
    case "trigger":
      return `drop trigger if exists ${name} on ${parent}`;
    case "comment":
      return state === "extra" ? `comment on ${commentedOn(partOf ?? "")} is null` : undefined;
    case "grant": {
      const { target, columns } = grantedOn(partOf ?? "");
      const revoke = `revoke all${columns} on ${target} from ${name}`;
      const grant = grantStatements(definition, columns, `on ${target} to ${name}`);
      return { missing: grant, altered: `${revoke}; ${grant}`, extra: revoke }[state];
    }
    case "membership":
      return state === "extra" ? `revoke ${parent} from ${name}` : `grant ${parent} to ${name}`;
    case "attribute":
      return state === "extra" ? `alter ${partOf} no${name}` : `alter ${partOf} ${name}`;
    default:
      return state === "extra" ? `drop ${object}` : undefined;
  }
}

const COLUMN = /^column (.*)\.("(?:[^"]|"")*"|[^".]+)$/;
const OPTION = " with grant option";

/** How GRANT calls what a catalogue's title names; columns stand behind each privilege. */
function grantedOn(title: string): { target: string; columns: string } {
  const [, table, column] = COLUMN.exec(title) ?? [];
  if (table !== undefined) {
    return { target: table, columns: ` (${column})` };
  }
  const target = title
    .replace(/^((materialized )?view|foreign table) /, "")
    .replace(/^aggregate /, "function ");
  return { target, columns: "" };
}

function grantStatements(privileges: string, columns: string, onTo: string): string {
  const all = privileges.split(", ");
  const optional = all.filter((each) => each.endsWith(OPTION));
  const grant = (some: string[], option: string) =>
    some.length > 0
      ? [
          `grant ${some.map((each) => each.replace(OPTION, "") + columns).join(", ")} ${onTo}${option}`,
        ]
      : [];
  return [
    ...grant(
      all.filter((each) => !optional.includes(each)),
      "",
    ),
    ...grant(optional, OPTION),
  ].join("; ");
}

/** How COMMENT calls it: an index without its table. */
const commentedOn = (title: string) =>
  title.replace(/^(index (?:"(?:[^"]|"")*"|\S+)) on .*$/, "$1");
