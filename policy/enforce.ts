import { inspect } from "node:util";

import * as pulumi from "@pulumi/pulumi";

import { policyMessage } from "./message";
import type { PolicyFacts, Rule, Violation } from "./rule";
import { RULES } from "./rules";

/** Lists the settings that the policy forbids, each with resource, property, value and what is allowed. */
export class PolicyError extends pulumi.RunError {
  public constructor(stack: string, violations: string[]) {
    super(policyMessage(stack, violations));
  }

  /** The SDK attaches the failed promise to an error, and prints everything that it can reach from there: gigabytes. */
  public [inspect.custom](): string {
    return this.message;
  }
}

/**
 * Checks every resource that the program registers from now on. The engine is not involved: no resource is
 * registered before the whole program has run, and none at all if one breaks a rule. An input that becomes known
 * later is checked then, and only its own resource waits for that.
 * @throws PolicyError with all violations, after the program has run
 */
export function enforcePolicy(facts: PolicyFacts): void {
  const violations: string[] = [];
  let decided = false;
  const verdict = new Promise<pulumi.Resource[]>((resolve, reject) => {
    setImmediate(() => {
      decided = true;
      if (violations.length > 0) {
        // No resource is registered then, as each waits for the verdict.
        reject(new PolicyError(pulumi.getStack(), violations));
      } else {
        resolve([]);
      }
    });
  });

  pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
    const isProtected = opts.protect === true;
    const checked: Record<string, unknown> = { ...props };
    for (const { reads, check } of RULES[type] ?? []) {
      const judge = (inputs: Parameters<Rule["check"]>[0]) =>
        check(inputs, isProtected, facts).map((violation) => describe(type, name, violation));
      const inputs = Object.fromEntries(reads.map((key) => [key, checked[key]]));
      const late = reads.find((key) => holdsOutput(checked[key]));
      if (late === undefined) {
        violations.push(...judge(inputs));
      } else {
        checked[late] = pulumi.output(inputs).apply((known) => {
          const found = judge(known);
          if (found.length > 0) {
            throw new PolicyError(pulumi.getStack(), found);
          }
          return known[late];
        });
      }
    }
    if (decided && violations.length > 0) {
      throw new PolicyError(pulumi.getStack(), violations);
    }
    // The SDK accepts nested lists here, and waits for each promise in them.
    const dependsOn = [opts.dependsOn ?? [], verdict] as pulumi.Input<pulumi.Resource>[];
    return { props: checked, opts: { ...opts, dependsOn } };
  });
}

const describe = (type: string, name: string, { property, found, allowed }: Violation) =>
  `${type} ${name}: ${property} is ${JSON.stringify(found) ?? "not set"}; allowed: ${allowed}.`;

/** Whether a part of the value becomes known only later. */
function holdsOutput(value: unknown): boolean {
  return (
    pulumi.Output.isInstance(value) ||
    value instanceof Promise ||
    (typeof value === "object" && value !== null && Object.values(value).some(holdsOutput))
  );
}
