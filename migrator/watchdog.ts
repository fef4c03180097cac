import { setTimeout as sleep } from "node:timers/promises";

/** What a new connection tells of the one that is waited for. */
export type Sign = "there" | "gone" | "no answer";

const CHECKS_PER_LIMIT = 6;

/**
 * Tells a server that works in silence, which it may for hours, from one that cannot be reached any more.
 * Neither shows on the connection itself: a cut network closes no socket, and a proxy in between, as
 * Docker's, answers TCP's own probes for the server. So that it asks over a new connection.
 */
export class Watchdog {
  private readonly stopped = new AbortController();
  /** Since when an answer is waited for without a word. */
  private silentSince: number | undefined;

  /**
   * @param limitMs how long the server may give no sign of life, on the connection or a new one
   * @param ask looks over a new connection; returns within a few seconds and does not throw
   * @param onLost takes the reason, once; the work that is waited for must then end
   */
  constructor(
    private readonly limitMs: number,
    private readonly ask: () => Promise<Sign>,
    private readonly onLost: (reason: string) => void,
  ) {
    void this.watch();
  }

  /** The server said something. */
  heard(): void {
    if (this.silentSince !== undefined) {
      this.silentSince = performance.now();
    }
  }

  async whileWaiting<T>(answer: Promise<T>): Promise<T> {
    this.silentSince = performance.now();
    try {
      return await answer;
    } finally {
      this.silentSince = undefined;
    }
  }

  stop(): void {
    this.stopped.abort();
  }

  private async watch(): Promise<void> {
    const intervalMs = this.limitMs / CHECKS_PER_LIMIT;
    let last: Sign = "there";
    while (!this.stopped.signal.aborted) {
      await sleep(intervalMs, undefined, this.stopped).catch(() => undefined);
      const since = this.silentSince;
      if (since === undefined || performance.now() - since < intervalMs) {
        last = "there";
        continue;
      }
      const sign = await this.ask();
      if (this.stopped.signal.aborted || this.silentSince !== since) {
        continue;
      }
      const seconds = Math.round((performance.now() - since) / 1000);
      if (sign === "there") {
        this.silentSince = performance.now();
      } else if (sign === "gone" && last === "gone") {
        // Twice, since its last words may have been on their way.
        return this.onLost(`no word for ${seconds} s, and the server no longer knows this session`);
      } else if (sign === "no answer" && performance.now() - since >= this.limitMs) {
        return this.onLost(`no word for ${seconds} s, neither here nor on a new connection`);
      }
      last = sign;
    }
  }
}
