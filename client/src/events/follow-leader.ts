/**
 * Lets a producer follow a partition to the broker that leads it now.
 *
 * When the leader changes, @platformatic/kafka 2.12.1 asks once where the partition is, and then writes to that same broker
 * until it gives up (dist/clients/producer/producer.js, #performSingleDestinationSend: `repeatOnStaleMetadata`). Right
 * after a broker died, the first answer often is the old one. Here every further attempt asks again. It stays one send to
 * the broker, with its sequence numbers, so that what was written and not acknowledged is not written twice: to call
 * `send` again would.
 */
import type { Producer as KafkaProducer } from "@platformatic/kafka" with {
  "resolution-mode": "import",
};

type Done = (error: unknown, result?: unknown) => void;
type Operation = (done: Done, attempt: number) => void;
type PerformWithRetry = (
  name: string,
  operation: Operation,
  callback: Done,
  attempt?: number,
  errors?: unknown[],
  isFinal?: (error: unknown) => boolean,
  limit?: number,
) => unknown;

/** The library's own, by their symbols (dist/clients/base/base.js). */
const RETRY = "plt.kafka.base.performWithRetry";
const BROKERS = "plt.kafka.base.bootstrapBrokers";

/** @throws Error if the library has these no more: its retries must then be read anew */
export function followLeader(producer: KafkaProducer): KafkaProducer {
  const key = symbolOf(producer, RETRY);
  const brokers = (producer as unknown as Record<symbol, unknown[]>)[symbolOf(producer, BROKERS)];
  const methods = producer as unknown as Record<symbol, PerformWithRetry>;
  const original = methods[key];
  const wrapped = new WeakSet<Operation>();
  const perform: PerformWithRetry = (
    name,
    operation,
    callback,
    attempt,
    errors,
    isFinal,
    limit,
  ) => {
    // Its further attempts come through here as well.
    if (name !== "produce" || wrapped.has(operation)) {
      return original.call(producer, name, operation, callback, attempt, errors, isFinal, limit);
    }
    const asksAgain: Operation = (done, number) =>
      operation((error, result) => {
        if (error) {
          producer.clearMetadata();
          brokers.push(...brokers.splice(0, 1));
        }
        done(error, result);
      }, number);
    wrapped.add(asksAgain);
    return original.call(producer, name, asksAgain, callback, attempt, errors, undefined, limit);
  };
  methods[key] = perform;
  return producer;
}

function symbolOf(producer: object, name: string): symbol {
  for (let at: object | null = producer; at !== null; at = Object.getPrototypeOf(at) as object) {
    const found = Object.getOwnPropertySymbols(at).find(({ description }) => description === name);
    if (found !== undefined) {
      return found;
    }
  }
  throw new Error(`@platformatic/kafka has no ${name}`);
}
