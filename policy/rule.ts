/** What a rule is. rules.ts has the rules themselves. */

/** What the rules need to know of the stack. */
export interface PolicyFacts {
  /** Whether the stack is a lasting one. */
  protect: boolean;
  /** Topics, databases and volumes that may lose their data, and so need no protection. */
  allowDataLoss: readonly string[];
  /** Number of Kafka brokers. */
  brokers: number;
  /** Start of the stack's names on servers (catalog/names.ts). @default "" */
  prefix?: string;
  /** Users of Kafka that are there already: their names in the catalogue by their principals. */
  givenUsers?: Readonly<Record<string, string>>;
  /** The administrator of a cluster that exists already, who may need rights of its own. */
  brokerAdministrator?: string;
}

/** One property of a resource that breaks a rule. */
export interface Violation {
  /** Path of the property, such as `ports[0].ip`. */
  property: string;
  found: unknown;
  /** What is allowed instead, and how to get there if that helps; the end of a sentence, without a full stop. */
  allowed: string;
}

/** Those inputs of a resource that a rule reads, by name. */
export type Inputs = Readonly<Record<string, unknown>>;

/** A rule for the resources of one type. */
export interface Rule {
  /** The inputs that it reads. It is checked once all of them are known. */
  reads: readonly string[];
  /**
   * @param inputs the inputs that it reads
   * @param isProtected whether the resource is protected from deletion
   */
  check(inputs: Inputs, isProtected: boolean, facts: PolicyFacts): Violation[];
}

/** A rule that rejects one input unless it passes the test. */
export const input = (
  property: string,
  allowed: string,
  passes: (value: unknown) => boolean,
): Rule => ({
  reads: [property],
  check: ({ [property]: found }) => (passes(found) ? [] : [{ property, found, allowed }]),
});

export const isNotTrue = (value: unknown) => value !== true;
