/** Calls a service's handler for one message, and again after an error. */
import { type Backoff, delayAfter, pause } from "../backoff";
import type { ReceivedMessage } from "./dead-letters";
import { EnvelopeError, parseEvent, type PlatformEvent } from "./envelope";

/** Where an event was read, and what a handler may want to know of the attempt. */
export interface EventContext {
  topic: string;
  partition: number;
  offset: bigint;
  /** From 1. */
  attempt: number;
  /** Whether it is a dead letter that is tried again. */
  isReplay: boolean;
  /** Aborted when the consumer stops: a long handler may end early, and then gets the event again. */
  signal: AbortSignal;
}

/** May be called more than once for the same event: `event.id` says so. */
export type EventHandler = (event: PlatformEvent, context: EventContext) => Promise<void>;

/** Throw it from a handler where trying again does not help: the event goes to the dead letters at once. */
export class PermanentError extends Error {
  public override readonly name = "PermanentError";
}

export interface RetryPolicy extends Backoff {
  /** Calls of the handler before an event is given up. */
  attempts: number;
}

/** Some 25 s in all: what is restarted is back by then. */
export const DEFAULT_RETRIES: RetryPolicy = { attempts: 8, firstMs: 200, maxMs: 10_000 };

export type Outcome =
  | { result: "handled" | "ignored" }
  /** The consumer stops: the message is neither handled nor given up. */
  | { result: "stopped" }
  | { result: "failed"; attempts: number; error: unknown };

export async function handleMessage(
  message: ReceivedMessage,
  handlers: ReadonlyMap<string, EventHandler>,
  { isReplay, signal, retries }: { isReplay: boolean; signal: AbortSignal; retries: RetryPolicy },
): Promise<Outcome> {
  const { topic, partition, offset } = message;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const event = parseEvent(message.value);
      const handler = handlers.get(event.type);
      await handler?.(event, { topic, partition, offset, attempt, isReplay, signal });
      return { result: handler === undefined ? "ignored" : "handled" };
    } catch (error) {
      if (signal.aborted) {
        return { result: "stopped" };
      }
      const isFinal = error instanceof PermanentError || error instanceof EnvelopeError;
      if (isFinal || attempt >= retries.attempts) {
        return { result: "failed", attempts: attempt, error };
      }
      await pause(delayAfter(attempt, retries), signal);
      if (signal.aborted) {
        return { result: "stopped" };
      }
    }
  }
}
