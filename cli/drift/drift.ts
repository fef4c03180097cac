import { isChange, type Plan } from "../plan/plan";
import type { KnownResource } from "../stack/state";
import { brokerContradictions } from "./broker";
import { redisContradictions } from "./redis";

/** Something that a server has otherwise than the stack left it. */
export interface Contradiction {
  /** The resource whose refresh shows it to the engine; absent where none does. */
  urn?: string;
  /** What it is, what was found and what is expected: `topic x: retention.ms is 1000, should be 2000`. */
  sentence: string;
  /** What a person does about it where an update cannot. */
  advice?: string;
}

/**
 * Compares resources of the state with the servers on which they are. A server that does not answer contradicts
 * nothing: whoever looks after the containers tells of it.
 */
export type LiveCheck = (resources: readonly KnownResource[]) => Promise<Contradiction[]>;

const CHECKS: readonly LiveCheck[] = [brokerContradictions, redisContradictions];

/** What somebody changed by hand on the servers of the stack, in the order of the state. */
export async function contradictions(
  resources: readonly KnownResource[],
): Promise<Contradiction[]> {
  return (await Promise.all(CHECKS.map((check) => check(resources)))).flat();
}

/** What a person reads of them before an update, or in a preview. */
export function contradictionLines(found: readonly Contradiction[], heal: boolean): string[] {
  return found.length === 0
    ? []
    : [
        heal ? "Changed by hand:" : "Changed by hand; up puts it right:",
        ...found.map(({ sentence }) => `  ${sentence}`),
      ];
}

/** What a person reads of those that an update has left, each with what to do. */
export const contradictionFaults = (left: readonly Contradiction[]): string[] =>
  left.map(
    ({ sentence, advice }) =>
      `Changed by hand, and not put right: ${sentence}.${advice === undefined ? "" : ` ${advice}`}`,
  );

/** Resources that the engine takes to be as it left them, and that a refresh has to look at. */
export const contradictedUrns = (plan: Plan, found: readonly Contradiction[]): string[] => [
  ...new Set(
    found.flatMap(({ urn }) =>
      urn !== undefined && plan.steps.some((step) => step.urn === urn && !isChange(step))
        ? [urn]
        : [],
    ),
  ),
];
