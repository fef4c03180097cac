import { failed } from "./errors";
import { type Check, type Finding, unknown, type Verdict } from "./finding";

/** What a part of the platform is asked, by the title of its lines. */
export type Area = readonly [title: string, checks: readonly Check[]];

export interface Line extends Finding {
  area: string;
}

export interface Report {
  stack: string;
  /** Wrong where any line is, else unknown where any line is. */
  verdict: Verdict;
  counts: Record<Verdict, number>;
  lines: Line[];
}

/** Longest time for one check, in which it may ask several servers several times. */
const CHECK_MS = 15_000;

/** Asks everything at the same time. A check that fails or takes too long is one unknown line, and spoils no other. */
export async function report(
  stack: string,
  areas: readonly Area[],
  limitMs = CHECK_MS,
): Promise<Report> {
  const lines = await Promise.all(
    areas.flatMap(([area, checks]) =>
      checks.map(async (check) =>
        (await findingsOf(check, limitMs)).map((finding): Line => ({ area, ...finding })),
      ),
    ),
  );
  return summary(stack, lines.flat());
}

export function summary(stack: string, lines: Line[]): Report {
  const count = (verdict: Verdict) => lines.filter((line) => line.verdict === verdict).length;
  const counts = { right: count("right"), wrong: count("wrong"), unknown: count("unknown") };
  const verdict = counts.wrong > 0 ? "wrong" : counts.unknown > 0 ? "unknown" : "right";
  return { stack, verdict, counts, lines };
}

async function findingsOf({ what, ask }: Check, limitMs: number): Promise<Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding[]>((resolve) => {
    const found = `no answer within ${limitMs / 1_000} s`;
    timer = setTimeout(() => resolve([unknown(what, found)]), limitMs);
  });
  try {
    return await Promise.race([ask(), late]);
  } catch (error) {
    return [failed(what, error as Error)];
  } finally {
    clearTimeout(timer);
  }
}

/** Exit code of the command by the verdict. */
export const EXIT_CODES: Readonly<Record<Verdict, number>> = { right: 0, wrong: 1, unknown: 2 };
