import * as pulumi from "@pulumi/pulumi";

import { DynamicResource, type Inputs } from "../platform/dynamic-resource";
import type { KafkaConnectionInputs } from "./kafka-rights-inputs";

/** What the state holds of the topics' copies. */
export interface KafkaCopiesInputs extends KafkaConnectionInputs {
  /** Copies of each record that every topic is to have. */
  copies: number;
  /** Names of the stack's topics, which may not exist yet. */
  topics: string[];
}

/**
 * Raises the number of copies of topics that exist, in place: brokers copy the records, and clients go on meanwhile. It
 * lowers none. A setting of the topic does it, as Redpanda has it (capability `raisesCopies`).
 */
export class KafkaCopies extends DynamicResource {
  constructor(
    name: string,
    args: Inputs<Omit<KafkaCopiesInputs, "topics">> & Pick<KafkaCopiesInputs, "topics">,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      "kafka-copies",
      "kafka:Copies",
      name,
      { ...args, adminPassword: pulumi.secret(args.adminPassword) },
      { ...opts, additionalSecretOutputs: ["adminPassword"] },
    );
  }
}
