/** What a sweep removes and what it leaves, and why: a pure function of what exists. */
import { pullRequestOf } from "../stack/settings";
import type { FoundObjects, FoundStack, UnreadableStack } from "./found";

export interface Verdict {
  stack: string;
  /** What is removed: the stack with its state, or its objects in Docker alone. Undefined leaves it. */
  remove?: "stack" | "objects";
  why: string;
  /** Its objects in Docker. */
  objects: FoundObjects["objects"];
}

export interface Circumstances {
  now: Date;
  /** Numbers of the open pull requests; undefined where nobody said them. */
  open?: ReadonlySet<number>;
}

const HOUR_MS = 3_600_000;

export function judge(
  stacks: (FoundStack | UnreadableStack)[],
  found: FoundObjects[],
  circumstances: Circumstances,
): Verdict[] {
  const names = new Set(stacks.map(({ name }) => name));
  const keptNames = new Set(found.filter(({ isKept }) => isKept).map(({ stack }) => stack));
  const own = found.filter((objects) => names.has(objects.stack) && !isOfAnother(objects));
  return [
    ...stacks.map((stack) => ({
      stack: stack.name,
      objects: own.filter((objects) => objects.stack === stack.name),
      rule: () => judgeStack(stack, circumstances),
    })),
    ...found
      .filter((objects) => !own.includes(objects))
      .map((objects) => ({
        stack: objects.stack,
        objects: [objects],
        rule: () => judgeObjects(objects, circumstances),
      })),
  ].map(({ stack, objects, rule }) => ({
    stack,
    objects: objects.flatMap((each) => each.objects),
    ...(keptNames.has(stack) ? { why: "its label keeps it" } : rule()),
  }));
}

/**
 * Whether the objects are those of a stack of the same name in another checkout. Where that is not known, they are those
 * of the stack that has the name here: its backend is shared, the machine had another name, or the checkout was moved.
 */
const isOfAnother = ({ isOwn, hasState }: FoundObjects) => !isOwn && hasState === true;

type Decision = Pick<Verdict, "remove" | "why">;

function judgeStack(stack: FoundStack | UnreadableStack, circumstances: Circumstances): Decision {
  if ("fault" in stack) {
    return { why: stack.fault };
  }
  const { name, created, timeToLiveHours, isProtected } = stack;
  if (isProtected) {
    return { why: "it is protected" };
  }
  const expires =
    created && timeToLiveHours > 0
      ? new Date(created.getTime() + timeToLiveHours * HOUR_MS)
      : undefined;
  const reason = endOf(name, expires, circumstances);
  return reason === undefined ? { why: lifeOf(expires) } : { remove: "stack", why: reason };
}

/** A stack that has no time to live keeps its objects, whatever became of its state: there may be data in them. */
function judgeObjects(
  { stack, expires, hasState }: FoundObjects,
  circumstances: Circumstances,
): Decision {
  if (hasState) {
    return { why: "it belongs to another checkout" };
  }
  if (expires === undefined) {
    return { why: "it has no state here, and no time to live" };
  }
  const reason = hasState === false ? "its state is lost" : endOf(stack, expires, circumstances);
  return reason === undefined ? { why: lifeOf(expires) } : { remove: "objects", why: reason };
}

/** Why a stack is over; undefined while it is not. */
function endOf(
  stack: string,
  expires: Date | undefined,
  { now, open }: Circumstances,
): string | undefined {
  const pullRequest = pullRequestOf(stack);
  if (pullRequest !== undefined && open !== undefined && !open.has(pullRequest)) {
    return `pull request ${pullRequest} is not open`;
  }
  return expires && expires <= now ? `its time was over at ${minute(expires)}` : undefined;
}

const lifeOf = (expires: Date | undefined) =>
  expires ? `its time is over at ${minute(expires)}` : "it has no time to live";

/** `2026-11-26 19:05 UTC` */
const minute = (date: Date) => date.toISOString().replace(/T(\d+:\d+).*/, " $1 UTC");
