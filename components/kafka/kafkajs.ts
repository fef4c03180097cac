/** Loads the client library (docs/decisions/0004-kafka-rights.md says why it is this one). */
type KafkaJs = typeof import("kafkajs");

let library: KafkaJs | undefined;

/**
 * Loads KafkaJS at its first use: most runs of the plugin process only compare, and connect to nothing.
 * It uses require, which completes before anything else runs: two resources that imported the library
 * at the same time got it half-loaded.
 */
export function loadKafkaJs(): KafkaJs {
  if (library === undefined) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    library = require("kafkajs") as KafkaJs;
    fixTimers();
  }
  return library;
}

interface RequestQueue {
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  pending: unknown[];
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

/** KafkaJS 2.2.4 sets a timer in the past after each request. Node 24 warns of that on standard error. */
function fixTimers(): void {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const queue = require("kafkajs/src/network/requestQueue/index.js") as {
    prototype: RequestQueue;
  };
  queue.prototype.scheduleCheckPendingRequests = function () {
    this.throttleCheckTimeoutId ??= setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      Math.max(this.throttledUntil - Date.now(), this.pending.length > 0 ? 10 : 1),
    );
  };
}
