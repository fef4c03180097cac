import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { imageName } from "./image-name";
import { isProtected, type Protection } from "./protection";

/** Ports are published here alone: who is not on the host has no business with a stack's containers. */
const LOOPBACK = "127.0.0.1";

/** What every container of the platform shares. */
export interface PlatformSettings {
  /** Start of the names of containers and volumes. */
  namePrefix: string;
  stack: string;
  /** Network on which the containers reach each other by name. */
  networkName: pulumi.Input<string>;
  /** Mirror to pull from; empty is each image's own registry. */
  imageRegistry: string;
  /** Longest time in seconds until a container is healthy. */
  healthTimeoutSeconds: number;
  protection: Protection;
}

export interface ServiceContainerArgs {
  platform: PlatformSettings;
  /** End of the container's name, after the platform's prefix. */
  role: string;
  image: string;
  memoryMb: number;
  ports: { internal: number; external: number }[];
  /** Fails until the service answers over TCP; an exec array or, with CMD-SHELL first, a shell line. */
  healthTest: string[];
  command?: string[];
  entrypoints?: string[];
  envs?: string[];
  uploads?: docker.types.input.ContainerUpload[];
  volume?: { name: pulumi.Input<string>; path: string };
  /** Signal for an orderly stop, where it is not SIGTERM. */
  stopSignal?: string;
  /** Time in seconds for an orderly stop before the container is killed. @default 30 */
  stopGraceSeconds?: number;
}

/** Name of the container, and of its volume, for one role of the platform. */
export const containerName = (platform: PlatformSettings, role: string) =>
  `${platform.namePrefix}-${role}`;

/** Labels by which people and the cli find what belongs to a stack. */
export function platformLabels({ stack }: Pick<PlatformSettings, "stack">) {
  return [
    { label: "learning-platform.project", value: pulumi.getProject() },
    { label: "learning-platform.stack", value: stack },
  ];
}

/** A named volume for the data of one role; it outlives the container. */
export function createVolume(
  name: string,
  platform: PlatformSettings,
  role: string,
  opts: pulumi.CustomResourceOptions,
): docker.Volume {
  const volume = `${containerName(platform, role)}-data`;
  return new docker.Volume(
    name,
    { name: volume, labels: platformLabels(platform) },
    { ...opts, protect: isProtected(volume, platform.protection) },
  );
}

/**
 * A container that is healthy when its resource is created, restarts with the engine, is limited in
 * memory, stops in good order and publishes its ports on one address of the host.
 */
export function createContainer(
  name: string,
  args: ServiceContainerArgs,
  opts: pulumi.CustomResourceOptions,
): docker.Container {
  const { platform, role, stopGraceSeconds = 30 } = args;
  const image = new docker.RemoteImage(
    `${name}-image`,
    // What the host has is used; destroying a stack does not make the next one pull again.
    { name: imageName(args.image, platform.imageRegistry), keepLocally: true },
    opts,
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
      volumes: args.volume
        ? [{ volumeName: args.volume.name, containerPath: args.volume.path }]
        : undefined,
      // The provider connects the network after it created the container on the bridge.
      networkMode: "bridge",
      networksAdvanced: [{ name: platform.networkName, aliases: [containerName(platform, role)] }],
      memory,
      // Docker fills in the swap limit; left out, it differs from the program at each run.
      memorySwap: memory,
      restart: "unless-stopped",
      mustRun: true,
      stopSignal: args.stopSignal,
      stopTimeout: stopGraceSeconds,
      destroyGraceSeconds: stopGraceSeconds,
      logDriver: "json-file",
      logOpts: { "max-size": "10m", "max-file": "3" },
      healthcheck: {
        tests: args.healthTest,
        // `up` waits for the first good probe: a longer interval is time lost at every start.
        interval: "1s",
        timeout: "5s",
        retries: 5,
        // As Docker writes it; written 60s, it differs from the program after a refresh.
        startPeriod: "1m0s",
      },
      wait: true,
      waitTimeout: platform.healthTimeoutSeconds,
    },
    // The provider does nothing when a health check changes, unless that replaces the container.
    { ...opts, replaceOnChanges: ["healthcheck"], deleteBeforeReplace: true },
  );
}
