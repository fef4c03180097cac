/** How the policy words a refusal, and how the cli finds the violations in it. No Pulumi. */

const INDENT = "\n  ";

export const policyMessage = (stack: string, violations: readonly string[]): string =>
  [`The policy forbids what stack ${stack} would create:`, ...violations].join(INDENT);

/**
 * The violations in a message, which the engine may have put into more text.
 * @returns none if the message is no refusal of the policy
 */
export function violationsIn(message: string): string[] {
  const [, list] =
    /The policy forbids what stack \S+ would create:((?:\n {2}.*)+)/.exec(message) ?? [];
  return list === undefined ? [] : list.split(INDENT).slice(1);
}
