/** What is to be seen on the real images and plugins, a row each, and how a row is judged. */

/** Parts that may be stand-ins; `plugins` are the engine's. */
export type PartName = "postgres" | "redis" | "redpanda" | "console" | "plugins";

/** Ok and differs are findings; the third says why there is none. */
export type Verdict = "ok" | "differs" | "could not tell";

export interface Result {
  verdict: Verdict;
  /** What was seen, or why nothing was. */
  seen: string;
}

/** Tests of the e2e suite, by file and by words of their title; without titles, all of the file. */
export interface TestCheck {
  kind: "tests";
  file: string;
  titles?: string[];
}

/** One look at a running stack, and what it must find. */
export interface ProbeCheck {
  kind: "probe";
  /** What a person would run to see the same. */
  command: string;
  /** @throws CouldNotTell where the question has no answer here */
  look: (stack: RunningStack) => Promise<string>;
  /** Text that must be seen as a whole, or a pattern. */
  expected: string | RegExp;
}

/** The command `up` itself. */
export interface UpCheck {
  kind: "up";
}

export interface Row {
  id: string;
  what: string;
  parts: PartName[];
  checks: (UpCheck | ProbeCheck | TestCheck)[];
}

/** What probes ask: one stack, its outputs, its engine, and servers over HTTP. */
export interface RunningStack {
  container: (role: "postgres" | "redis" | "redpanda" | "redpanda-console") => string;
  /** Addresses of the admin API, the schema registry and the Console, without a slash at the end. */
  urls: { admin: string; registry: string; console: string };
  administrator: { username: string; password: string };
  service: { username: string; password: string };
  docker: (args: string[]) => Promise<{ code: number; stdout: string; stderr: string }>;
  http: (url: string, options?: HttpOptions) => Promise<{ status: number; body: string }>;
  /** Address of the host as PostgreSQL sees it, for a session of the superuser over the published port. */
  postgresClientAddress: () => Promise<string>;
  /** A command of Redis, as the administrator of the cache. */
  redis: (command: string[]) => Promise<unknown>;
}

export interface HttpOptions {
  method?: string;
  login?: { username: string; password: string };
  /** Sent as JSON. */
  body?: unknown;
}

/** A test of the suite as it ended; what did not run is absent. */
export interface TestOutcome {
  file: string;
  fullTitle: string;
  state: "passed" | "failed" | "skipped";
  message?: string;
}

/** There is no answer: the part has no such function, or nothing was there to be asked. */
export class CouldNotTell extends Error {}

const RANK: Record<Verdict, number> = { ok: 0, "could not tell": 1, differs: 2 };

/** One difference makes a row differ; without one, what nobody could tell leaves it open. */
export function worst(results: Result[]): Result {
  const verdict = results
    .map((result) => result.verdict)
    .reduce((a, b) => (RANK[a] >= RANK[b] ? a : b));
  const seen = results.filter((result) => result.verdict === verdict || verdict === "ok");
  return { verdict, seen: [...new Set(seen.map((result) => result.seen))].join("; ") };
}

/** Judges what a probe has seen. */
export function judgeProbe({ expected }: ProbeCheck, seen: string): Result {
  const matches = typeof expected === "string" ? seen === expected : expected.test(seen);
  return matches
    ? { verdict: "ok", seen }
    : { verdict: "differs", seen: `${seen || "nothing"} instead of ${wanted(expected)}` };
}

/** The expectation in words. */
export const wanted = (expected: string | RegExp) =>
  expected === "" ? "nothing" : String(expected);

/** Judges the tests that a row names by how they ended. */
export function judgeTests(check: TestCheck, outcomes: TestOutcome[]): Result {
  const inFile = outcomes.filter(({ file }) => file === check.file);
  const groups = check.titles?.map((title) => ({
    title,
    found: inFile.filter(({ fullTitle }) => fullTitle.includes(title)),
  })) ?? [{ title: "all", found: inFile }];
  return worst(groups.map(({ title, found }) => judgeGroup(`${check.file}: ${title}`, found)));
}

function judgeGroup(name: string, found: TestOutcome[]): Result {
  const count = (state: TestOutcome["state"]) => found.filter((one) => one.state === state);
  const failed = count("failed");
  if (failed.length > 0) {
    const first = `${failed[0].fullTitle}: ${failed[0].message ?? "failed"}`;
    return { verdict: "differs", seen: `${failed.length} of ${name} failed, first ${first}` };
  }
  if (found.length === 0) {
    return { verdict: "could not tell", seen: `${name} did not run` };
  }
  const skipped = count("skipped");
  return skipped.length > 0
    ? { verdict: "could not tell", seen: `${skipped.length} of ${name} were skipped` }
    : { verdict: "ok", seen: `${found.length} passed (${name})` };
}

/** Where nobody answers that should, the row differs; only a question without an answer leaves it open. */
export async function lookAndJudge(check: ProbeCheck, stack: RunningStack): Promise<Result> {
  try {
    return judgeProbe(check, await check.look(stack));
  } catch (error) {
    const reason = (error as Error).message;
    return error instanceof CouldNotTell
      ? { verdict: "could not tell", seen: reason }
      : { verdict: "differs", seen: `an error instead of ${wanted(check.expected)}: ${reason}` };
  }
}
