import * as pulumi from "@pulumi/pulumi";

export interface DestroyGuardArgs {
  /** Components that together hold every resource of the platform. */
  guarded: pulumi.Resource[];
  /** Whether a destroy is to fail. */
  protect: boolean;
}

/**
 * Ends a destroy before it touches anything: the engine begins with what nothing else depends on, and that
 * is this alone. Left to the volumes' own protection, a destroy without a preview, as CI actions run it,
 * removes users and containers before it comes to the first volume.
 */
export class DestroyGuard extends pulumi.ComponentResource {
  constructor(name: string, args: DestroyGuardArgs, opts?: pulumi.ComponentResourceOptions) {
    const { guarded, protect } = args;
    super(
      "learning-platform:platform:DestroyGuard",
      name,
      {},
      { ...opts, protect, dependsOn: guarded },
    );
    this.registerOutputs({});
  }
}
