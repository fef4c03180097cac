/** One line of the report of `npm run verify`. */

/** `unknown` is neither: the truth could not be seen. */
export type Verdict = "right" | "wrong" | "unknown";

export interface Finding {
  /** What was looked at: `topic user-events`. */
  what: string;
  verdict: Verdict;
  /** What was found, or why nothing was. */
  found: string;
  /** What should have been found; absent where `found` says it. */
  expected?: string;
}

/** A finding is right where what was found is what was expected. */
export const compared = (what: string, found: string, expected: string): Finding =>
  found === expected
    ? { what, verdict: "right", found }
    : { what, verdict: "wrong", found, expected };

export const right = (what: string, found: string): Finding => ({ what, verdict: "right", found });

export const wrong = (what: string, found: string, expected?: string): Finding => ({
  ...{ what, verdict: "wrong", found },
  ...(expected === undefined ? {} : { expected }),
});

export const unknown = (what: string, found: string): Finding => ({
  ...{ what, verdict: "unknown", found },
});

/**
 * What drift checks found of one thing.
 * @param sentences each says what differs; none where all is as it should be
 */
export const judged = (what: string, sentences: readonly string[], asItShould: string): Finding =>
  sentences.length === 0 ? right(what, asItShould) : wrong(what, sentences.join("; "), asItShould);

/** Longest wait for the answer of a server. All questions wait together, and on a busy machine their process waits as well. */
export const ANSWER_MS = 15_000;

/** A question of the report. Its answer may be several lines. */
export interface Check {
  /** The line that stands for it where it fails. */
  what: string;
  ask(): Promise<Finding[]>;
}
