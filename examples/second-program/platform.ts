import * as pulumi from "@pulumi/pulumi";

import type { ServiceName } from "../../catalog/services";
import type { ServiceConnections } from "../../contract/connections";
import type { Outputs } from "../../contract/outputs";

/** The platform of another stack, with the types of its outputs. What is secret there is secret here. */
export class PlatformReference {
  private readonly stack: pulumi.StackReference;

  /** @param name of the platform's stack: `organization/learning-platform/<stack>` */
  constructor(name: string, opts?: pulumi.CustomResourceOptions) {
    this.stack = new pulumi.StackReference(name, {}, opts);
  }

  /** What a service connects with; secret. */
  public service(name: ServiceName): pulumi.Output<ServiceConnections> {
    return this.output("services").apply((services) => services[name]);
  }

  /**
   * One output of the platform.
   * @throws Error in the update where the stack has no such output
   */
  public output<K extends keyof Outputs>(name: K): pulumi.Output<NonNullable<Outputs[K]>> {
    return this.stack.requireOutput(name) as pulumi.Output<NonNullable<Outputs[K]>>;
  }
}
