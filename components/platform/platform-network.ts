import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { type LabelledStack, platformLabels } from "./labels";

export interface PlatformNetworkArgs extends LabelledStack {
  /** Start of the network's name. */
  namePrefix: string;
}

/**
 * The bridge network on which the platform's containers reach each other by name. As the only child of a component it
 * is as deep as the volumes, and so deleted beside them: the plugin waits two seconds for either.
 */
export class PlatformNetwork extends pulumi.ComponentResource {
  /** Name of the network. It is known once the network exists. */
  public readonly networkName: pulumi.Output<string>;
  /** The host's own addresses on the network. In many engines, connections through a published port come from there. */
  public readonly hostAddresses: pulumi.Output<string[]>;

  constructor(name: string, args: PlatformNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:network:PlatformNetwork", name, {}, opts);
    const network = new docker.Network(
      `${name}-network`,
      {
        name: `${args.namePrefix}-network`,
        driver: "bridge",
        labels: platformLabels(args),
      },
      // Podman reports options of its own here ({"driver": "host-local"}), which would replace the network.
      { parent: this, ignoreChanges: ["ipamOptions", "labels"] },
    );
    this.networkName = network.name;
    this.hostAddresses = pulumi
      .all([network.name, network.ipamConfigs])
      .apply(([networkName, configs]) => gatewaysOf(networkName, configs));
    this.registerOutputs({ networkName: this.networkName, hostAddresses: this.hostAddresses });
  }
}

/** @throws pulumi.RunError if the engine reports no gateway: then the host looks like any container */
function gatewaysOf(network: string, configs: { gateway?: string }[]): string[] {
  // For IPv6 networks some engines append the mask to the address.
  const gateways = configs.flatMap(({ gateway }) => (gateway ? [gateway.split("/")[0]] : []));
  if (gateways.length === 0) {
    throw new pulumi.RunError(
      `The container engine reports no gateway for the network ${network}, so that PostgreSQL cannot distinguish the host from a container. Remove the network and run up again.`,
    );
  }
  return gateways.sort();
}
