import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";

import { OPERATOR } from "./catalog/topics";
import { BROKERS } from "./components/kafka/redpanda-broker";
import { DataPlatform } from "./components/platform/data-platform";
import { loadConfig } from "./config";
import { enforcePolicy } from "./policy/enforce";
import { endWithEngine } from "./runtime/engine-lifetime";
import { keepStackTracesShort } from "./runtime/stack-traces";

keepStackTracesShort();
endWithEngine();
const config = loadConfig();
enforcePolicy({ ...config, brokers: BROKERS });
const platform = new DataPlatform("learning-platform", config);
const { postgres, redis, broker, console } = platform;

const { services, trustedCertificates } = platform;

/** The stack's outputs. */
const outputs = {
  /** Where everything answers, without a secret in it. */
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
    console: { container: console.containerName, address: console.url },
  },

  /** What each service connects with; secret. */
  services,

  /**
   * Changes whenever what a service connects with does, and says so in the open, where previews and
   * services can see it: the SHA-256 of settings that hold random passwords tells nothing of them.
   */
  servicesRevision: pulumi.unsecret(
    pulumi
      .all(services)
      .apply((settings) => createHash("sha256").update(JSON.stringify(settings)).digest("hex")),
  ),

  /**
   * Authorities that clients are to trust, as PEM. Left out where connections are in clear: the SDK
   * warns of each output that is undefined.
   */
  ...(trustedCertificates === undefined ? {} : { trustedCertificates }),

  /** Logins of the administrators; secret. */
  administrators: pulumi.secret({
    postgres: { username: postgres.username, password: postgres.password },
    redis: { username: redis.cache.adminUsername, password: redis.cache.adminPassword },
    redisSession: { username: redis.session.adminUsername, password: redis.session.adminPassword },
    kafka: { username: broker.adminUsername, password: broker.adminPassword },
    /** Whoever watches the dead letters: no administrator, but nobody's service either. */
    kafkaOperator: { username: OPERATOR, password: platform.operatorPassword },
  }),
};

export = outputs;
