/** Acts that are done again and again, each noted in the ledger. */
import { pause } from "../../../client/src/backoff";
import { TimeLimitError, withinTime } from "../../../client/src/within-time";
import type { Act, Entry, LedgerWriter } from "../ledger";

/** What an act has to say once it was acknowledged. */
export type Acknowledged = Pick<Entry, "id" | "place" | "version">;

/** Something was not as it must be: no fault explains it. */
export class WrongAnswerError extends Error {
  public override readonly name = "WrongAnswerError";
}

/** The time between two acts of a kind. */
const PAUSE_MS = 60;

/** An act that has not ended by then never will: the longest that the client itself waits is 60 s. */
const HUNG_MS = 120_000;

export class Activity {
  private readonly stopping = new AbortController();
  private readonly loops: Promise<void>[] = [];

  constructor(public readonly ledger: LedgerWriter) {}

  /** Does an act until `stop`. */
  public repeat(act: Act, work: () => Promise<Acknowledged>): void {
    this.loops.push(this.loop(act, work));
  }

  /** Begins no further act, and waits for those that run. */
  public async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.loops);
  }

  private async loop(act: Act, work: () => Promise<Acknowledged>): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const acknowledged = await withinTime(limited(work()), HUNG_MS);
        this.ledger.write({ act, result: "ok", ...acknowledged });
      } catch (error) {
        this.ledger.write({ act, result: resultOf(error), reason: reasonOf(error) });
      }
      await pause(PAUSE_MS, signal);
    }
  }
}

/** Work of the client may end with a TimeLimitError of its own, which is no sign of a promise that never settles. */
const limited = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw error instanceof TimeLimitError ? new Error(error.message, { cause: error }) : error;
  });

const resultOf = (error: unknown): Entry["result"] =>
  error instanceof TimeLimitError ? "hung" : error instanceof WrongAnswerError ? "wrong" : "error";

/** Without what differs from one failure to the next, so that failures of one kind are counted together. */
function reasonOf(error: unknown): string {
  const { name, message, code } = error as NodeJS.ErrnoException;
  const text = message.split("\n")[0].replace(/\d+/g, "N").slice(0, 100);
  return `${code ?? name}: ${text}`;
}
