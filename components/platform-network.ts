import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { platformLabels } from "./container";

export interface PlatformNetworkArgs {
  /** Start of the network's name. */
  namePrefix: string;
  stack: string;
}

/** The bridge network on which the platform's containers reach each other by name. */
export class PlatformNetwork extends pulumi.ComponentResource {
  /** Name of the network; known once it exists. */
  public readonly networkName: pulumi.Output<string>;

  constructor(name: string, args: PlatformNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:network:PlatformNetwork", name, {}, opts);
    const network = new docker.Network(
      `${name}-network`,
      {
        name: `${args.namePrefix}-network`,
        driver: "bridge",
        labels: platformLabels(args),
      },
      { parent: this },
    );
    this.networkName = network.name;
    this.registerOutputs({ networkName: this.networkName });
  }
}
