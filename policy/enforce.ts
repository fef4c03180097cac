import { inspect } from "node:util";

import * as pulumi from "@pulumi/pulumi";

import { type PolicyFacts, type Rule, RULES, type Violation } from "./rules";

/** Settings that the policy refuses, each on a line that names resource, property, value and what is allowed. */
export class PolicyError extends pulumi.RunError {
  public constructor(stack: string, violations: string[]) {
    super([`The policy refuses what stack ${stack} would make:`, ...violations].join("\n  "));
  }

  /** The SDK hangs the failed promise onto an error and prints all that can be reached from it: gigabytes. */
  public [inspect.custom](): string {
    return this.message;
  }
}

/**
 * Holds every resource that the program registers from here on against the policy. It needs nothing of the
 * engine: no resource is registered before the program has been read to its end, and none at all where one
 * is at fault. An input that is known only later is checked then, and its resource alone is held up.
 * @throws PolicyError after the program has been read, with all violations
 */
export function enforcePolicy(facts: PolicyFacts): void {
  const violations: string[] = [];
  let decided = false;
  const verdict = new Promise<pulumi.Resource[]>((resolve) => {
    setImmediate(() => {
      decided = true;
      refuse();
      resolve([]);
    });
  });

  function refuse() {
    if (violations.length > 0) {
      // The verdict is never given then, so that no resource is registered.
      throw new PolicyError(pulumi.getStack(), violations);
    }
  }

  pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
    const isProtected = opts.protect === true;
    const checked: Record<string, unknown> = { ...props };
    for (const { reads, check } of RULES[type] ?? []) {
      const judge = (inputs: Parameters<Rule["check"]>[0]) =>
        check(inputs, isProtected, facts).map((violation) => told(type, name, violation));
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
    if (decided) {
      refuse();
    }
    // The SDK takes lists in lists here, and waits for each promise in them.
    const dependsOn = [opts.dependsOn ?? [], verdict] as pulumi.Input<pulumi.Resource>[];
    return { props: checked, opts: { ...opts, dependsOn } };
  });
}

const told = (type: string, name: string, { property, found, allowed }: Violation) =>
  `${type} ${name}: ${property} is ${JSON.stringify(found) ?? "not set"}; allowed: ${allowed}.`;

/** Whether a part of the value is known only later. */
function holdsOutput(value: unknown): boolean {
  return (
    pulumi.Output.isInstance(value) ||
    value instanceof Promise ||
    (typeof value === "object" && value !== null && Object.values(value).some(holdsOutput))
  );
}
