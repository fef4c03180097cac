/**
 * Connections to a Kafka broker. This file, topic-client.ts and kafkajs*.ts are the only ones that know the client
 * library (docs/decisions/0004-kafka-rights.md).
 */
import type { Kafka, SASLOptions } from "kafkajs";

import type { SaslMechanism } from "../../contract/connections";
import { clientTls } from "../platform/client-tls";
import { UNREACHABLE_CODES } from "../platform/unreachable";
import type { KafkaAdministrator, KafkaExaminer, KafkaMessenger } from "./kafka-administrator";
import { loadKafkaJs } from "./kafkajs";
import { createAdministrator } from "./kafkajs-administrator";
import { createExaminer } from "./kafkajs-examiner";
import { createMessenger } from "./kafkajs-messenger";
import { withAdmin } from "./kafkajs-sessions";

export type { KafkaAcl, KafkaAdministrator, KafkaTopic, TopicHealth } from "./kafka-administrator";

export interface KafkaServer {
  /** host:port, or several with commas between them */
  bootstrapServers: string;
  /** With which the user logs in. @default SCRAM-SHA-256 */
  saslMechanism?: SaslMechanism;
  username: string;
  password: string;
  /** PEM of the authorities to trust; absent if the connection is not encrypted. */
  trusted?: string;
}

/** Nothing answers at the broker's address. A refused login is a KafkaLoginError. */
export class KafkaUnreachableError extends Error {}

/** The broker refuses this user with this password. */
export class KafkaLoginError extends Error {}

/**
 * Acts on a broker as its administrator, or with what another user may do of that, over a connection of its own.
 * @param timeoutMs longest time for a connection and for an answer; by default 10 s and 30 s
 * @throws KafkaUnreachableError, KafkaLoginError or the error that the broker answers; each names user and server,
 *   and none the password
 */
export async function asAdministrator<T>(
  server: KafkaServer,
  act: (administrator: KafkaAdministrator & KafkaExaminer & KafkaMessenger) => Promise<T>,
  timeoutMs?: number,
): Promise<T> {
  return withKafka(
    server,
    (kafka) =>
      withAdmin(kafka, (admin) =>
        act({
          ...createAdministrator(kafka, admin),
          ...createExaminer(kafka, admin),
          ...createMessenger(kafka, admin),
        }),
      ),
    timeoutMs,
  );
}

/**
 * Acts with the client library as a user of the broker.
 * @param timeoutMs longest time for a connection and for an answer; by default 10 s and 30 s
 * @throws as `asAdministrator` does
 */
export async function withKafka<T>(
  { bootstrapServers, saslMechanism = "SCRAM-SHA-256", username, password, trusted }: KafkaServer,
  act: (kafka: Kafka) => Promise<T>,
  timeoutMs?: number,
): Promise<T> {
  const kafkajs = loadKafkaJs();
  const mechanism = saslMechanism.toLowerCase() as Lowercase<SaslMechanism>;
  const kafka = new kafkajs.Kafka({
    clientId: "learning-platform",
    brokers: bootstrapServers.split(","),
    sasl: { mechanism, username, password } as SASLOptions,
    ssl: clientTls(trusted) ?? false,
    connectionTimeout: timeoutMs ?? 10_000,
    requestTimeout: timeoutMs ?? 30_000,
    // A broker that was just started or elected refuses the first attempts.
    retry: { initialRetryTime: 100, retries: 2 },
    logLevel: kafkajs.logLevel.NOTHING,
  });
  try {
    return await act(kafka);
  } catch (error) {
    throw clientError(error as Error, `${username}@${bootstrapServers}`);
  }
}

/** Whether the broker accepts a user with a password. @throws KafkaUnreachableError */
export async function accepts(server: KafkaServer): Promise<boolean> {
  try {
    await asAdministrator(server, () => Promise.resolve());
    return true;
  } catch (error) {
    if (error instanceof KafkaLoginError) {
      return false;
    }
    throw error;
  }
}

/** Turns an error of KafkaJS into the one that tells a caller what to do. */
function clientError(error: Error, login: string): Error {
  const chain: Error[] = [];
  for (let at: unknown = error; at instanceof Error && !chain.includes(at); at = at.cause) {
    chain.push(at);
  }
  if (!chain.some(({ name }) => name.startsWith("KafkaJS"))) {
    return error;
  }
  const message = `${login}: ${error.message}`;
  if (chain.some(({ name }) => name === "KafkaJSSASLAuthenticationError")) {
    return new KafkaLoginError(message);
  }
  const unreachable =
    chain.some(
      (cause) =>
        UNREACHABLE_CODES.has((cause as NodeJS.ErrnoException).code ?? "") ||
        cause.name === "KafkaJSRequestTimeoutError",
    ) || /timeout|Closed connection/i.test(message);
  return unreachable ? new KafkaUnreachableError(message) : new Error(message, { cause: error });
}
