/** Which rights an update gives and takes, whichever resources hold them. */
import type { StepEventMetadata } from "@pulumi/pulumi/automation";

import { ALLOW, parseRight } from "../../catalog/right-lines";
import { SERVER_TITLES } from "../../catalog/servers";
import {
  type DatabaseRightsInputs,
  OBJECT_KINDS,
} from "../../components/postgres/database-rights-inputs";
import { logicalName, TYPES } from "../resource-types";
import type { RightChange } from "./plan";

/** A right of a user at one moment. A denied one is an exception from a wider right. */
interface Held extends Omit<RightChange, "change"> {
  isDenied?: boolean;
}

interface State {
  urn: string;
  type: string;
  inputs: Record<string, unknown>;
}

/**
 * Compares all rights before and after an update, so that a right that moves to another resource is no change.
 * Inputs that it does not know, such as passwords, are never read.
 */
export function readRights(steps: readonly StepEventMetadata[]): RightChange[] {
  const before = new Map<string, Held>();
  const after = new Map<string, Held>();
  for (const { op, old, new: planned } of steps) {
    const now = op === "delete" ? undefined : planned;
    const stays = old !== undefined && now !== undefined;
    rightsOf(old, stays).forEach((held) => before.set(keyOf(held), held));
    rightsOf(now, stays).forEach((held) => after.set(keyOf(held), held));
  }
  const changes = [...changed(before, after, "gained"), ...changed(after, before, "lost")];
  const byKey = new Map(changes.map((change) => [sortKey(change), change]));
  return [...byKey.keys()].sort().map((key) => byKey.get(key)!);
}

const changed = (
  from: ReadonlyMap<string, Held>,
  to: ReadonlyMap<string, Held>,
  change: RightChange["change"],
): RightChange[] =>
  [...to]
    .filter(([key]) => !from.has(key))
    .map(([, { isDenied, ...right }]) => ({
      ...right,
      change: isDenied ? OPPOSITE[change] : change,
    }));

const OPPOSITE = { gained: "lost", lost: "gained" } as const;

const keyOf = ({ system, user, privilege, object, isDenied = false }: Held) =>
  JSON.stringify([system, user, privilege, object, isDenied]);

const sortKey = ({ system, user, privilege, object, change }: RightChange) =>
  JSON.stringify([user, system, change, privilege, object]);

/** @param stays whether the resource is there before and after the update */
function rightsOf(state: State | undefined, stays: boolean): Held[] {
  const { urn, type, inputs } = state ?? { urn: "", type: "", inputs: {} };
  switch (type) {
    case TYPES.rights:
      return brokerRights(inputs);
    case TYPES.databaseRights:
      return databaseRights(inputs as unknown as DatabaseRightsInputs);
    case TYPES.role:
      return roleRights(inputs);
    case TYPES.brokerUser:
      return [{ ...LOGIN, system: "Kafka", user: String(inputs.username) }];
    case TYPES.redisUser:
      return redisRights(urn, inputs, stays);
    default:
      return [];
  }
}

const RUN = "run";
const LOGIN = { privilege: "log in", object: "" };

function brokerRights({ principal, rights }: Record<string, unknown>): Held[] {
  const holder = { system: "Kafka", user: String(principal) };
  return entriesOf(rights)
    .filter(([, value]) => value === ALLOW)
    .map(([line]) => ({ ...holder, ...privilegeIn(line) }));
}

function privilegeIn(line: string): Pick<Held, "privilege" | "object"> {
  try {
    const { operation, resourceType, resourceName, pattern } = parseRight(line);
    const object = `${resourceName}${pattern === "Prefixed" ? "*" : ""}`;
    return { privilege: `${operation} ${resourceType}`, object };
  } catch {
    return { privilege: "unknown", object: line };
  }
}

function databaseRights({ database, roles }: DatabaseRightsInputs): Held[] {
  return entriesOf(roles).flatMap(([user, byKind]) =>
    OBJECT_KINDS.flatMap((kind) =>
      listOf((byKind as Record<string, unknown> | null)?.[kind]).map((privilege) => ({
        ...{ system: "PostgreSQL", user, privilege: `${privilege} ${kind}` },
        object: String(database),
      })),
    ),
  );
}

function roleRights({ name, login, roles }: Record<string, unknown>): Held[] {
  const holder = { system: "PostgreSQL", user: String(name) };
  return [
    ...(login === true ? [{ ...holder, ...LOGIN }] : []),
    ...listOf(roles).map((object) => ({ ...holder, privilege: "act as", object })),
  ];
}

/** Rules for all commands: those before the last one have no effect any more. */
const ALL_COMMANDS = /^([+-]@all|allcommands|nocommands)$/;

function redisRights(
  urn: string,
  { username, rules }: Record<string, unknown>,
  stays: boolean,
): Held[] {
  const user = String(username);
  const server = logicalName(urn).replace(`-${user}`, "");
  const holder = { system: SERVER_TITLES[server] ?? server, user };
  const given = listOf(rules);
  const start = given.findLastIndex((rule) => ALL_COMMANDS.test(rule));
  const held = given.flatMap((rule, at) => {
    const right = redisRight(rule);
    const isUndone = right?.privilege === RUN && at < start;
    return right === undefined || isUndone ? [] : [{ ...holder, ...right }];
  });
  return [{ ...holder, ...LOGIN }, ...(stays ? held : inOne(held))];
}

/** What a user may run as one right: without its exceptions, `run @all` of a new user would say too much. */
function inOne(rights: Held[]): Held[] {
  const [first, ...more] = rights.filter(({ privilege }) => privilege === RUN);
  const others = rights.filter(({ privilege }) => privilege !== RUN);
  const words = more.map(({ object, isDenied }) => `${isDenied ? "-" : "+"}${object}`);
  return first ? [...others, { ...first, object: [first.object, ...words].join(" ") }] : others;
}

/** @returns undefined for rules that only take, and for passwords, which nobody may see */
function redisRight(rule: string): Omit<Held, "system" | "user"> | undefined {
  const [, keys] = /^(?:%\w+)?~(.*)$/s.exec(rule) ?? [];
  if (keys !== undefined || rule === "allkeys") {
    const [mode = ""] = /^%\w+/.exec(rule) ?? [];
    return { privilege: KEY_MODES[mode.toUpperCase()] ?? "use keys", object: keys ?? "*" };
  }
  if (rule.startsWith("&") || rule === "allchannels") {
    return { privilege: "use channels", object: rule === "allchannels" ? "*" : rule.slice(1) };
  }
  if (/^[+-]/.test(rule) && rule !== "-@all") {
    return { privilege: RUN, object: rule.slice(1), isDenied: rule.startsWith("-") };
  }
  const fixed: Record<string, string> = { allcommands: "@all", nopass: "" };
  if (rule in fixed) {
    return {
      privilege: rule === "nopass" ? "log in without a password" : RUN,
      object: fixed[rule],
    };
  }
  return rule.startsWith("(") ? { privilege: "use a selector", object: rule } : undefined;
}

const KEY_MODES: Readonly<Record<string, string>> = { "%R": "read keys", "%W": "write keys" };

/** An input that becomes known only during the update is a text, and not yet a list or an object. */
const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === "object" && value !== null ? Object.entries(value) : [];

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
