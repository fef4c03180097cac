import * as pulumi from "@pulumi/pulumi";

import { DynamicResource, type Inputs } from "../platform/dynamic-resource";
import type { KafkaRightsInputs } from "./kafka-rights-inputs";

/**
 * All rights of one user on the broker, as ACLs. The ACL resource of @pulumi/kafka does not work with Redpanda
 * (docs/decisions/0004-kafka-rights.md).
 */
export class KafkaRights extends DynamicResource {
  constructor(name: string, args: Inputs<KafkaRightsInputs>, opts?: pulumi.CustomResourceOptions) {
    super(
      "kafka-rights",
      "kafka:Rights",
      name,
      { ...args, adminPassword: pulumi.secret(args.adminPassword) },
      { ...opts, additionalSecretOutputs: ["adminPassword"] },
    );
  }
}
