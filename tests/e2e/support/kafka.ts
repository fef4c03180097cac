import { createConnection } from "node:net";

import { Kafka, type KafkaConfig, KafkaJSProtocolError, logLevel, type SASLOptions } from "kafkajs";

/** The address of a listener, independent of the address that it advertises. */
export interface Listener {
  name: string;
  host: string;
  port: number;
}

export const GRANTED = "granted";
const NO_GROUP = "GROUP_AUTHORIZATION_FAILED";
const NOTHING_RECEIVED = "nothing received";
const RECEIVE_TIMEOUT_MS = 45_000;

/**
 * A client whose connections all go to one listener, independent of the address that the broker advertises.
 * @param said receives the text of each error from the broker
 */
export function clientOf({ host, port }: Listener, sasl?: SASLOptions, said: string[] = []): Kafka {
  const socketFactory: KafkaConfig["socketFactory"] = ({ onConnect }) =>
    createConnection({ host, port }, onConnect);
  return new Kafka({
    brokers: [`${host}:${port}`],
    sasl,
    socketFactory,
    logLevel: logLevel.ERROR,
    logCreator:
      () =>
      ({ log }) =>
        said.push(String(log.error)),
    retry: { retries: 1 },
    connectionTimeout: 10_000,
  });
}

/** KafkaJS reports only in its log why it found no coordinator. */
const COORDINATOR_REFUSALS: [text: string, name: string][] = [
  ["Group authorization failed", NO_GROUP],
  ["Transactional Id authorization failed", "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"],
];

/**
 * Kafka's name of the error, or that there was none.
 * @param said the client's log since the last act; this function empties it
 */
export async function outcome(act: Promise<unknown>, said: string[] = []): Promise<string> {
  try {
    await act;
    return GRANTED;
  } catch (error) {
    return refusal(error as Error, said);
  } finally {
    said.length = 0;
  }
}

/** The broker's own error, inside the error of KafkaJS. */
function refusal(error: Error, said: string[] = []): string {
  const { cause, errors, partitions } = error as {
    cause?: unknown;
    errors?: Error[];
    partitions?: { error: Error }[];
  };
  const below = cause ?? errors?.[0] ?? partitions?.[0].error;
  if (below instanceof Error) {
    return refusal(below, said);
  }
  if (error instanceof KafkaJSProtocolError) {
    return error.type;
  }
  const [, told] =
    error.name === "KafkaJSGroupCoordinatorNotFound"
      ? (COORDINATOR_REFUSALS.find(([text]) => said.some((line) => line.includes(text))) ?? [])
      : [];
  return told ?? error.name;
}

/** Whether a user can join the consumer group and receives a message of the topic, which has one. */
export async function consumption(
  listener: Listener,
  sasl: SASLOptions,
  groupId: string,
  topic: string,
): Promise<string> {
  const said: string[] = [];
  const kafka = clientOf(listener, sasl, said);
  const consumer = kafka.consumer({ groupId, retry: { retries: 1 } });
  /** KafkaJS has no codec for LZ4. */
  const answer = (error: Error) => {
    const name = refusal(error, said);
    return name === "KafkaJSNotImplemented" ? GRANTED : name;
  };
  let timer: NodeJS.Timeout | undefined;
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    return await new Promise<string>((resolve, reject) => {
      timer = setTimeout(() => resolve(NOTHING_RECEIVED), RECEIVE_TIMEOUT_MS);
      consumer.on(consumer.events.CRASH, ({ payload }) => resolve(answer(payload.error)));
      consumer
        .run({ eachMessage: () => Promise.resolve(resolve(GRANTED)) })
        .catch((error: Error) => reject(error));
    });
  } catch (error) {
    return answer(error as Error);
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
  }
}
