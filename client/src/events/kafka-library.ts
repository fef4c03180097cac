/** @platformatic/kafka, which is an ES module, loaded at its first use: it takes 0.7 s, and a service may use no events. */
import { subscribe } from "node:diagnostics_channel";
import type { EventEmitter } from "node:events";

export type KafkaLibrary = typeof import("@platformatic/kafka", {
  with: { "resolution-mode": "import" },
});

let library: Promise<KafkaLibrary> | undefined;

export function loadKafka(): Promise<KafkaLibrary> {
  library ??= import("@platformatic/kafka");
  survive();
  return library;
}

let isSubscribed = false;

/**
 * A connection that the broker closes during the login emits its error twice, and nobody listens the second time
 * (2.12.1, dist/network/connection.js #onClose and #authenticate: the probe of the versions fails, and then the
 * handshake). Unheard, it would end the process. The library announces each connection that it makes on this channel
 * (dist/diagnostic.js).
 */
function survive(): void {
  if (!isSubscribed) {
    isSubscribed = true;
    subscribe("plt:kafka:instances", (message) => {
      const { type, instance } = message as { type: string; instance: EventEmitter };
      if (type === "connection") {
        instance.on("error", () => undefined);
      }
    });
  }
}
