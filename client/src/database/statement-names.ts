import { createHash } from "node:crypto";

/**
 * Gives statements names, by which PostgreSQL keeps their plans on a connection. As in PostgreSQL's JDBC driver, a
 * statement gets a name once it was run a number of times, and only so many get one: a text that is built anew for each
 * call would otherwise fill the server's memory.
 */
export class StatementNames {
  private readonly runs = new Map<string, number>();
  /** How often a text has got a new name. */
  private readonly renewals = new Map<string, number>();
  private named = 0;

  /**
   * @param threshold runs after which a statement is kept
   * @param most number of statements that are kept
   */
  constructor(
    private readonly threshold: number,
    private readonly most: number,
  ) {}

  /** The name of a statement that is about to run; undefined if it gets none (yet). */
  public nameOf(text: string): string | undefined {
    const runs = (this.runs.get(text) ?? 0) + 1;
    if (runs <= this.threshold) {
      this.count(text, runs);
      return undefined;
    }
    if (runs === this.threshold + 1) {
      if (this.named === this.most) {
        return undefined;
      }
      this.named += 1;
      this.runs.set(text, runs);
    }
    return this.current(text);
  }

  /** Gives a statement another name, so that each connection plans it anew. One that has another name by now keeps that. */
  public renew(text: string, name: string | undefined): void {
    if (name === this.current(text)) {
      this.renewals.set(text, (this.renewals.get(text) ?? 0) + 1);
    }
  }

  private current(text: string): string {
    const renewals = this.renewals.get(text);
    const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
    return renewals === undefined ? `s${hash}` : `s${hash}_${renewals}`;
  }

  /** Remembers a text that has no name yet; of too many, it forgets the one that has been there longest. */
  private count(text: string, runs: number): void {
    this.runs.set(text, runs);
    if (this.runs.size > this.named + 4 * this.most) {
      const oldest = [...this.runs].find(([, count]) => count <= this.threshold);
      this.runs.delete(oldest![0]);
    }
  }
}
