/** The service's login in the terms of @platformatic/kafka. */
import type { BaseOptions } from "@platformatic/kafka" with { "resolution-mode": "import" };

import type { KafkaLogin } from "../connections";
import { tlsOptions } from "../tls";

export const RETRY_DELAY_MS = 1_000;

export interface KafkaClientOptions {
  /** Authorities to trust, as PEM. */
  trustedCertificates?: string;
  /** How often a request is repeated, a second apart, while no broker answers. @default 3, as the library's */
  retries?: number;
}

export function kafkaOptions(
  login: KafkaLogin,
  { trustedCertificates, retries = 3 }: KafkaClientOptions,
): BaseOptions {
  return {
    ...{ retries, retryDelay: RETRY_DELAY_MS },
    clientId: login.groupId,
    bootstrapBrokers: login.bootstrapServers.split(","),
    sasl: {
      mechanism: login.saslMechanism,
      username: login.username,
      password: login.password,
    },
    ...(login.securityProtocol === "SASL_SSL" && {
      tls: tlsOptions(trustedCertificates),
      // A certificate is for the name by which a broker is reached.
      tlsServerName: true,
    }),
  };
}

/** Name of a topic on the cluster. */
export const topicName = ({ topicPrefix }: KafkaLogin, topic: string) => `${topicPrefix}${topic}`;
