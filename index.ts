import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";

import { OPERATOR } from "./catalog/topics";
import { BROKERS } from "./components/kafka/redpanda-broker";
import { DataPlatform } from "./components/platform/data-platform";
import { loadConfig } from "./config";
import type { Outputs } from "./contract/outputs";
import { enforcePolicy } from "./policy/enforce";
import { endWithEngine } from "./runtime/engine-lifetime";
import { keepStackTracesShort } from "./runtime/stack-traces";

/** The same, with what is known only after an update as outputs of Pulumi. */
type Promised<T> = { [K in keyof T]: pulumi.Input<T[K]> | Promised<T[K]> };

keepStackTracesShort();
endWithEngine();
const config = loadConfig();
enforcePolicy({ ...config, brokers: BROKERS });
const platform = new DataPlatform("learning-platform", config);
const { postgres, redis, broker, console: ui } = platform;

const { services, trustedCertificates } = platform;

/** The stack's outputs. */
const outputs = {
  /** Where everything answers, without a secret. */
  accessPoints: {
    postgres: { container: postgres.containerName, address: `${postgres.host}:${postgres.port}` },
    redis: {
      container: redis.cache.containerName,
      address: `${redis.cache.host}:${redis.cache.port}`,
    },
    redisSession: {
      container: redis.session.containerName,
      address: `${redis.session.host}:${redis.session.port}`,
    },
    kafka: { container: broker.containerName, address: broker.bootstrapServers },
    schemaRegistry: { container: broker.containerName, address: broker.schemaRegistryUrl },
    redpandaAdmin: { container: broker.containerName, address: broker.adminUrl },
    console: { container: ui.containerName, address: ui.url },
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
    postgres: { username: postgres.username, password: postgres.password },
    redis: { username: redis.cache.adminUsername, password: redis.cache.adminPassword },
    redisSession: { username: redis.session.adminUsername, password: redis.session.adminPassword },
    kafka: { username: broker.adminUsername, password: broker.adminPassword },
    /** The operators' principal, which watches the dead letters. It is neither an administrator nor a service. */
    kafkaOperator: { username: OPERATOR, password: platform.operatorPassword },
  }),
} satisfies Promised<Outputs>;

export = outputs;
