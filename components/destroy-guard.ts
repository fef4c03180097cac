import * as pulumi from "@pulumi/pulumi";

export interface DestroyGuardArgs {
  /** Components that together hold every resource of the platform. */
  guarded: pulumi.Resource[];
  /** Whether destroying the stack fails. */
  protect: boolean;
}

/**
 * Makes a destroy fail before it touches anything. The engine starts with the resources that nothing depends on, and
 * this is the only one. Without it, a destroy that skips the preview, as in CI, would remove users and containers
 * before it reached the first protected volume.
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
