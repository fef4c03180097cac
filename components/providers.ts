/** The providers of dynamic resources, by the names that states hold. Pulumi's plugin process loads this file. */
import type * as pulumi from "@pulumi/pulumi";

import * as eventSchemas from "./kafka/event-schemas.provider";
import * as kafkaCopies from "./kafka/kafka-copies.provider";
import * as kafkaRights from "./kafka/kafka-rights.provider";
import * as certificateAuthority from "./platform/certificate-authority.provider";
import * as serverCertificate from "./platform/server-certificate.provider";
import * as administratorSetup from "./postgres/administrator-setup.provider";
import * as databaseRights from "./postgres/database-rights.provider";
import * as replicaSlot from "./postgres/replica-slot.provider";
import * as schemaMigrations from "./postgres/schema-migrations.provider";
import * as redisCluster from "./redis/redis-cluster.provider";
import * as redisReplication from "./redis/redis-replication.provider";
import * as redisUser from "./redis/redis-user.provider";

export const PROVIDERS: Readonly<Record<string, pulumi.dynamic.ResourceProvider>> = {
  "administrator-setup": administratorSetup,
  "certificate-authority": certificateAuthority,
  "database-rights": databaseRights,
  "event-schemas": eventSchemas,
  "kafka-copies": kafkaCopies,
  "kafka-rights": kafkaRights,
  "redis-cluster": redisCluster,
  "redis-replication": redisReplication,
  "redis-user": redisUser,
  "replica-slot": replicaSlot,
  "schema-migrations": schemaMigrations,
  "server-certificate": serverCertificate,
};
