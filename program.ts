import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";

import { OPERATOR } from "./catalog/topics";
import { DataPlatform } from "./components/data-platform";
import { BROKERS } from "./components/kafka/redpanda-container";
import type { Server } from "./components/platform/server";
import { loadConfig } from "./config";
import type { AccessPoint, Outputs } from "./contract/outputs";
import { enforcePolicy } from "./policy/enforce";

/** The same, with what is known only after an update as outputs of Pulumi. */
type Promised<T> = { [K in keyof T]: pulumi.Input<T[K]> | Promised<T[K]> };

/**
 * The Pulumi program: declares the platform of the current stack.
 * @returns the stack's outputs
 * @throws pulumi.RunError with every invalid key of the configuration; PolicyError where the policy forbids a setting
 */
export function declarePlatform() {
  const config = loadConfig();
  enforcePolicy({ ...config, brokers: BROKERS });
  const platform = new DataPlatform("learning-platform", config);
  const { postgres, redis, kafka, console: ui, services, trustedCertificates } = platform;
  return {
    /** Where everything answers, without a secret. */
    accessPoints: {
      postgres: accessPoint(postgres, hostAndPort(postgres)),
      redis: accessPoint(redis.cache, hostAndPort(redis.cache)),
      redisSession: accessPoint(redis.session, hostAndPort(redis.session)),
      kafka: accessPoint(kafka, kafka.bootstrapServers),
      schemaRegistry: accessPoint(kafka, kafka.schemaRegistry.url),
      ...(kafka.adminUrl === undefined
        ? {}
        : { redpandaAdmin: accessPoint(kafka, kafka.adminUrl) }),
      console: accessPoint(ui, ui.url),
    },

    /** What each service connects with; secret. */
    services,

    /**
     * Changes whenever a service has to read its settings again. It is not secret, so that previews and services
     * can see it: the SHA-256 of settings that hold random passwords reveals nothing of them.
     */
    servicesRevision: pulumi.unsecret(
      pulumi
        .all(services)
        .apply((settings) => createHash("sha256").update(JSON.stringify(settings)).digest("hex")),
    ),

    /**
     * Authorities that clients are to trust, as PEM. Left out if connections are not encrypted: the SDK
     * warns of each output that is undefined.
     */
    ...(trustedCertificates === undefined ? {} : { trustedCertificates }),

    /** Logins of the administrators; secret. */
    administrators: pulumi.secret({
      postgres: postgres.administrator,
      redis: redis.cache.administrator,
      redisSession: redis.session.administrator,
      kafka: kafka.administrator,
      /** The operators' principal, which watches the dead letters. It is neither an administrator nor a service. */
      kafkaOperator: { username: OPERATOR, password: platform.operatorPassword },
    }),
  } satisfies Promised<Outputs>;
}
const accessPoint = (
  { containerName: container }: Pick<Server, "containerName">,
  address: string,
): AccessPoint => ({ ...(container === undefined ? {} : { container }), address });

const hostAndPort = ({ host, port }: { host: string; port: number }) => `${host}:${port}`;
