import * as pulumi from "@pulumi/pulumi";

import { DynamicResource, type Inputs } from "../platform/dynamic-resource";
import type { ReplicaSlotInputs } from "./replica-slot-inputs";

/**
 * The slot of a replica on its primary. The replica makes it, when it copies the primary (replica-script.ts): only then
 * the two fit together. Deleting the resource drops it, because the primary would keep WAL for it.
 */
export class ReplicaSlot extends DynamicResource {
  constructor(name: string, args: Inputs<ReplicaSlotInputs>, opts: pulumi.CustomResourceOptions) {
    super(
      "replica-slot",
      "database:ReplicaSlot",
      name,
      { ...args, adminPassword: pulumi.secret(args.adminPassword) },
      { ...opts, additionalSecretOutputs: ["adminPassword"] },
    );
  }
}
