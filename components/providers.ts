/** The providers of dynamic resources, by the names that states hold. Pulumi's plugin process loads this file. */
import type * as pulumi from "@pulumi/pulumi";

import * as kafkaRights from "./kafka/kafka-rights.provider";
import * as certificateAuthority from "./platform/certificate-authority.provider";
import * as serverCertificate from "./platform/server-certificate.provider";
import * as roleSettings from "./postgres/role-settings.provider";
import * as schemaMigrations from "./postgres/schema-migrations.provider";
import * as redisUser from "./redis/redis-user.provider";

export const PROVIDERS: Readonly<Record<string, pulumi.dynamic.ResourceProvider>> = {
  "certificate-authority": certificateAuthority,
  "kafka-rights": kafkaRights,
  "redis-user": redisUser,
  "role-settings": roleSettings,
  "schema-migrations": schemaMigrations,
  "server-certificate": serverCertificate,
};
