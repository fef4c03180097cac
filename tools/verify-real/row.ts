/** The checks on the real images and plugins, one row each, and how a row is judged. */

/** Parts that may be stand-ins; `plugins` are the engine's. */
export type PartName = "postgres" | "redis" | "redpanda" | "console" | "plugins";

/** `ok` and `differs` are results. `could not tell` means that there is none, and why. */
export type Verdict = "ok" | "differs" | "could not tell";

export interface Result {
  verdict: Verdict;
  /** The answer, or why there is none. */
  seen: string;
}

/** Tests of the e2e suite, by file and by words of their title. Without titles: all tests of the file. */
export interface TestCheck {
  kind: "tests";
  file: string;
  titles?: string[];
}

/** One question to a running stack, and the expected answer. */
export interface ProbeCheck {
  kind: "probe";
  /** What you would run to see the same. */
  command: string;
  /** @throws CouldNotTell if the question has no answer here */
  look: (stack: RunningStack) => Promise<string>;
  /** The whole answer, or a pattern. */
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

/** What probes can ask: one stack, its outputs, its container engine, and its servers over HTTP. */
export interface RunningStack {
  container: (role: "postgres" | "redis" | "redpanda" | "redpanda-console") => string;
  /** Addresses of the admin API, the schema registry and the Console, without a slash at the end. */
  urls: { admin: string; registry: string; console: string };
  administrator: { username: string; password: string };
  service: { username: string; password: string };
  docker: (args: string[]) => Promise<{ code: number; stdout: string; stderr: string }>;
  http: (url: string, options?: HttpOptions) => Promise<{ status: number; body: string }>;
  /** Address of the host as PostgreSQL sees it, in a session of the superuser through the published port. */
  postgresClientAddress: () => Promise<string>;
  /** Runs a Redis command as the administrator of the cache. */
  redis: (command: string[]) => Promise<unknown>;
}

export interface HttpOptions {
  method?: string;
  login?: { username: string; password: string };
  /** Sent as JSON. */
  body?: unknown;
}

/** The result of one test of the suite. Tests that did not run are absent. */
export interface TestOutcome {
  file: string;
  fullTitle: string;
  state: "passed" | "failed" | "skipped";
  message?: string;
}

/** There is no answer: the part has no such function, or does not exist here. */
export class CouldNotTell extends Error {}

const RANK: Record<Verdict, number> = { ok: 0, "could not tell": 1, differs: 2 };

/** One difference makes a row differ. Without a difference, one missing answer leaves it open. */
export function worst(results: Result[]): Result {
  const verdict = results
    .map((result) => result.verdict)
    .reduce((a, b) => (RANK[a] >= RANK[b] ? a : b));
  const seen = results.filter((result) => result.verdict === verdict || verdict === "ok");
  return { verdict, seen: [...new Set(seen.map((result) => result.seen))].join("; ") };
}

/** Compares the answer of a probe with the expected one. */
export function judgeProbe({ expected }: ProbeCheck, seen: string): Result {
  const matches = typeof expected === "string" ? seen === expected : expected.test(seen);
  return matches
    ? { verdict: "ok", seen }
    : { verdict: "differs", seen: `${seen || "nothing"} instead of ${wanted(expected)}` };
}

/** The expectation in words. */
export const wanted = (expected: string | RegExp) =>
  expected === "" ? "nothing" : String(expected);

/** Judges the tests of a row by their results. */
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

/** If a server does not answer, the row differs. Only a question without an answer leaves it open. */
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
