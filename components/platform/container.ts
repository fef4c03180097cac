import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

import { isCopy, volumeEnd } from "../../catalog/servers";
import { healthCheck } from "./health-check";
import { imageName } from "./image-name";
import { type LabelledStack, platformLabels } from "./labels";
import { isProtected, type Protection } from "./protection";

/** Ports are published on this address only, so that nothing outside the host reaches a stack's containers. */
const LOOPBACK = "127.0.0.1";

/** What every container of the platform shares. */
export interface PlatformSettings extends LabelledStack {
  /** Start of the names of containers and volumes. */
  namePrefix: string;
  /** Name by which clients on the host reach the published ports. */
  host: string;
  /** Network on which the containers reach each other by name. */
  networkName: pulumi.Input<string>;
  /** Mirror to pull images from; empty pulls each from its own registry. */
  imageRegistry: string;
  /** Longest time in seconds until a container is healthy. */
  healthTimeoutSeconds: number;
  /** Whether servers wait until data is on the disk. */
  fsync: boolean;
  protection: Protection;
}

/** What every server in a container is given. */
export interface ContainerPlace {
  platform: PlatformSettings;
  /** End of the container's name, after the platform's prefix. */
  role: string;
  /** Image with tag or digest. */
  image: string;
  /** Memory limit in MiB. */
  memoryMb: number;
}

export interface ServiceContainerArgs extends ContainerPlace {
  ports: { internal: number; external: number }[];
  /** Words of a command that fails until the service answers over TCP. */
  probe: string[];
  command?: string[];
  entrypoints?: string[];
  envs?: string[];
  uploads?: docker.types.input.ContainerUpload[];
  volume?: { name: pulumi.Input<string>; path: string };
  /** Volumes that it shares with other containers. */
  mounts?: { name: pulumi.Input<string>; path: string; readOnly?: boolean }[];
  /** User that the container starts as. @default that of the image */
  startAs?: string;
  /** Signal for a graceful stop. @default SIGTERM */
  stopSignal?: string;
  /** Seconds for a graceful stop before the container is killed. @default 30 */
  stopGraceSeconds?: number;
}

/** Name of the container with a role, and start of its volume's name. */
export const containerName = (platform: PlatformSettings, role: string) =>
  `${platform.namePrefix}-${role}`;

/** A named volume for the data of one role; it outlives the container. */
export function createVolume(
  name: string,
  platform: PlatformSettings,
  role: string,
  opts: pulumi.CustomResourceOptions,
): docker.Volume {
  const volume = `${platform.namePrefix}${volumeEnd(role)}`;
  return new docker.Volume(
    name,
    { name: volume, labels: platformLabels(platform) },
    {
      ...opts,
      protect: !isCopy(volume) && isProtected(volume, platform.protection),
      ignoreChanges: ["labels"],
    },
  );
}

/**
 * A container that is healthy once its resource is created. It restarts with the engine, has a memory limit,
 * stops gracefully and publishes its ports on the loopback address only.
 */
export function createContainer(
  name: string,
  args: ServiceContainerArgs,
  opts: pulumi.CustomResourceOptions,
): docker.Container {
  const { platform, role, stopGraceSeconds = 30 } = args;
  // The image waits for nothing that the container needs.
  const { parent } = opts;
  const image = new docker.RemoteImage(
    `${name}-image`,
    // An image that the host has is used. It stays when the stack is destroyed, so that the next one need not pull it.
    { name: imageName(args.image, platform.imageRegistry), keepLocally: true },
    { parent },
  );
  const memory = args.memoryMb;
  return new docker.Container(
    `${name}-container`,
    {
      name: containerName(platform, role),
      hostname: containerName(platform, role),
      image: image.imageId,
      command: args.command,
      entrypoints: args.entrypoints,
      envs: args.envs,
      uploads: args.uploads,
      labels: platformLabels(platform),
      ports: args.ports.map((published) => ({ ...published, ip: LOOPBACK })),
      volumes: volumesOf(args),
      user: args.startAs,
      // The provider creates the container on the bridge, and then connects it to the network.
      networkMode: "bridge",
      networksAdvanced: [{ name: platform.networkName, aliases: [containerName(platform, role)] }],
      memory,
      // If it is left out, Docker sets it, and it differs from the program at each run.
      memorySwap: memory,
      restart: "unless-stopped",
      mustRun: true,
      stopSignal: args.stopSignal,
      stopTimeout: stopGraceSeconds,
      destroyGraceSeconds: stopGraceSeconds,
      logDriver: "json-file",
      logOpts: { "max-size": "10m", "max-file": "3" },
      healthcheck: healthCheck(args.probe),
      wait: true,
      waitTimeout: platform.healthTimeoutSeconds,
    },
    // The provider ignores a changed health check unless the change replaces the container.
    {
      ...opts,
      replaceOnChanges: ["healthcheck"],
      deleteBeforeReplace: true,
      ignoreChanges: ["labels"],
    },
  );
}

/** Undefined where there is none. */
function volumesOf({ volume, mounts = [] }: ServiceContainerArgs) {
  const all = [...(volume ? [volume] : []), ...mounts].map(
    ({ name, path, readOnly }: NonNullable<ServiceContainerArgs["mounts"]>[number]) => ({
      volumeName: name,
      containerPath: path,
      ...(readOnly ? { readOnly } : {}),
    }),
  );
  return all.length > 0 ? all : undefined;
}
