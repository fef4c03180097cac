import type { Findings } from "../update/findings";

/** What a preview says nothing about. */
export interface NotCompared {
  what: string;
  why: string;
}

export const notCompared = ({ plan, unanswered, ledgers, lint }: Findings): NotCompared[] => [
  ...(plan && plan.errors.length > 0
    ? [{ what: "the rest of the plan", why: "the preview stopped at an error" }]
    : []),
  ...unanswered.map((what) => ({ what, why: "it does not answer" })),
  ...ledgers.flatMap(({ inputs: { database }, status, error }) => [
    ...(error === undefined ? [] : [{ what: `ledger of ${database}`, why: error }]),
    ...(status?.state === "ready" && status.drift === undefined
      ? [{ what: `objects in ${database}`, why: NO_SNAPSHOT }]
      : []),
  ]),
  ...(lint.error === undefined ? [] : [{ what: "lint of the migrations", why: lint.error }]),
];

const NO_SNAPSHOT =
  "there is no snapshot of the last run: it was killed, is still running, or ran on another version of the server; up takes one";
