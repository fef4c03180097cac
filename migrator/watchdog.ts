import { setTimeout as sleep } from "node:timers/promises";

/** The state of a session, as a new connection finds it. */
export type SessionState = "alive" | "gone" | "unreachable";

const CHECKS_PER_LIMIT = 6;

/**
 * Distinguishes a server that works without sending anything, which may take hours, from an unreachable one.
 * The connection itself does not show it: a cut network closes no socket, and a proxy such as Docker's answers TCP's
 * probes in place of the server. The watchdog therefore probes over a new connection.
 */
export class Watchdog {
  private readonly stopped = new AbortController();
  /** Start of the current wait, or of the silence within it; undefined while nothing is waited for. */
  private silentSince: number | undefined;

  /**
   * @param limitMs how long the server may be silent, on this connection and on a new one
   * @param probe looks for the session over a new connection; returns within a few seconds and does not throw
   * @param onLost called once with the reason; it must end the work that is waited for
   */
  constructor(
    private readonly limitMs: number,
    private readonly probe: () => Promise<SessionState>,
    private readonly onLost: (reason: string) => void,
  ) {
    void this.watch();
  }

  /** The server sent something. */
  noteMessage(): void {
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
    let last: SessionState = "alive";
    while (!this.stopped.signal.aborted) {
      await sleep(intervalMs, undefined, this.stopped).catch(() => undefined);
      const since = this.silentSince;
      if (since === undefined || performance.now() - since < intervalMs) {
        last = "alive";
        continue;
      }
      const state = await this.probe();
      if (this.stopped.signal.aborted || this.silentSince !== since) {
        continue;
      }
      const seconds = Math.round((performance.now() - since) / 1000);
      if (state === "alive") {
        this.silentSince = performance.now();
      } else if (state === "gone" && last === "gone") {
        // Twice, since the server's last message may have been under way.
        return this.onLost(`no answer for ${seconds} s, and the server no longer has this session`);
      } else if (state === "unreachable" && performance.now() - since >= this.limitMs) {
        return this.onLost(
          `no answer for ${seconds} s, neither on this connection nor on a new one`,
        );
      }
      last = state;
    }
  }
}
