import { logicalName, type Plan, TYPES } from "../plan/plan";

/** What keeps data, and what is lost with it. */
const KEEPERS: Record<string, { kind: string; data: string }> = {
  [TYPES.topic]: { kind: "topic", data: "records" },
  [TYPES.database]: { kind: "database", data: "tables" },
  [TYPES.volume]: { kind: "volume", data: "files" },
};

const KEY = "learning-platform:allowDataLoss";

/** The engine's own words about what is protected, which name a resource by its URN alone. */
const PROTECTED =
  /resource "(urn:[^"]+)"\s+(cannot be deleted|as it is currently marked for protection)/;

/**
 * Data that an update would delete and that the stack has not given up; a replaced volume is refused
 * elsewhere, since the stack would still count on what was in it.
 * @param allowed names of topics, databases and volumes that may lose their data
 */
export function dataLossFaults(plan: Plan, allowed: readonly string[]): string[] {
  return plan.steps.flatMap(({ op, type, urn, old, new: planned }) => {
    const keeper = KEEPERS[type];
    const goes = op === "delete" || (op === "replace" && type !== TYPES.volume);
    if (!keeper || !goes) {
      return [];
    }
    const name = String(old?.inputs.name ?? logicalName(urn));
    const isAllowed = allowed.includes(name);
    // The engine lets a replacement lose its protection in the same run, and a deletion not.
    const holds = op === "delete" && old?.protect === true;
    // Of a database made anew, its migrations would not know.
    const isPossible = op === "delete" || type === TYPES.topic;
    if (isAllowed && isPossible && !holds) {
      return [];
    }
    const subject = `The ${keeper.kind} ${name} would be`;
    if (op === "replace") {
      const change = partitionsTaken(type, old?.inputs, planned?.inputs);
      const orAllow = isPossible ? `, or add ${name} to ${KEY}` : "";
      return `${subject} made anew, without its ${keeper.data}${change}. Undo that change${orAllow}.`;
    }
    const gone = `${subject} deleted with its ${keeper.data}, as the program has it no longer.`;
    return holds
      ? `${gone} It is protected: put it back, add ${name} to ${KEY}, run up, and then take it out.`
      : `${gone} Put it back, or add ${name} to ${KEY}.`;
  });
}

type Inputs = Record<string, unknown>;

function partitionsTaken(type: string, old: Inputs = {}, planned: Inputs = {}): string {
  const [before, after] = [Number(old.partitions), Number(planned.partitions)];
  return type === TYPES.topic && after < before
    ? `: no partition can be taken from a topic, and ${before} are to be ${after}`
    : "";
}

/** Errors of a plan but those by which the engine keeps protected data, which are told in the words above. */
export function otherErrors({ errors }: Plan): string[] {
  const others = errors.filter((error) => {
    const [, urn] = PROTECTED.exec(error) ?? [];
    return urn === undefined || !(typeOf(urn) in KEEPERS);
  });
  // The engine's last word about the ones left out.
  return others.length < errors.length
    ? others.filter((error) => error !== "preview failed")
    : others;
}

/** `urn:pulumi:stack::project::parentType$type::name` */
const typeOf = (urn: string) => String(urn.split("::")[2]?.split("$").pop());
