import * as pulumi from "@pulumi/pulumi";

import { dynamicProvider, type Inputs } from "../platform/dynamic-provider";
import type { KafkaRightsInputs } from "./kafka-rights-inputs";

const provider = dynamicProvider("components/providers/kafka-rights.ts");

/**
 * All rights of one user on the broker, as ACLs. The ACL resource of @pulumi/kafka does not work with Redpanda
 * (docs/decisions/0004-kafka-rights.md).
 */
export class KafkaRights extends pulumi.dynamic.Resource {
  constructor(name: string, args: Inputs<KafkaRightsInputs>, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, adminPassword: pulumi.secret(args.adminPassword) },
      { ...opts, additionalSecretOutputs: ["adminPassword"] },
      "kafka",
      "Rights",
    );
  }
}
