import * as pulumi from "@pulumi/pulumi";

import { SYSTEM_AUTHORITIES } from "../../catalog/client-settings";
import {
  containerName,
  type ContainerPlace,
  createContainer,
  type ServiceContainerArgs,
} from "../platform/container";
import { goMemoryLimit, httpProbe } from "../platform/http-server";
import { TLS_FILES, trustedUpload } from "../platform/tls-files";
import type { KafkaCluster } from "./kafka-cluster";
import { consoleYaml } from "./redpanda-config";

const CONSOLE_PORT = 8080;
const CONFIG_FILE = "/etc/platform/console.yaml";

export interface RedpandaConsoleArgs extends ContainerPlace {
  /** Port of the host. */
  port: number;
  cluster: KafkaCluster;
  /** Whether the page shows schemas. Everybody who opens it may then change and delete them. */
  showsSchemas: boolean;
  /** A user of the cluster that may read everything and change nothing: everybody who opens the page acts as it. */
  username: string;
  /** What makes that user, if the stack does: the console gives up if the broker does not know it. */
  user?: pulumi.Resource | pulumi.Resource[];
  password: pulumi.Input<string>;
}

/** The web page on which people look at topics, messages and consumer groups. */
export class RedpandaConsole extends pulumi.ComponentResource {
  public readonly url: string;
  public readonly containerName: string;

  constructor(name: string, args: RedpandaConsoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:redpanda:RedpandaConsole", name, {}, opts);
    const { platform, role, port } = args;
    createContainer(name, consoleContainer(args), { parent: this, dependsOn: args.user });
    this.url = `http://${platform.host}:${port}`;
    this.containerName = containerName(platform, role);
    this.registerOutputs({ url: this.url, containerName: this.containerName });
  }
}

function consoleContainer(args: RedpandaConsoleArgs): ServiceContainerArgs {
  const { cluster, showsSchemas, username, memoryMb, port } = args;
  const { trusted } = cluster;
  const config = pulumi
    .all([pulumi.secret(args.password), trusted])
    .apply(([password, authorities]) =>
      consoleYaml({
        brokers: cluster.internalBootstrapServers.split(","),
        schemaRegistryUrl: showsSchemas ? cluster.schemaRegistry?.internalUrl : undefined,
        mechanism: cluster.capabilities.saslMechanism,
        username,
        password,
        tls:
          authorities === undefined
            ? undefined
            : authorities === SYSTEM_AUTHORITIES
              ? {}
              : { caFile: TLS_FILES.trusted },
      }),
    );
  return {
    ...args,
    ports: [{ internal: CONSOLE_PORT, external: port }],
    envs: [`CONFIG_FILEPATH=${CONFIG_FILE}`, goMemoryLimit(memoryMb)],
    uploads: [
      { file: CONFIG_FILE, content: config, permissions: "0444" },
      ...trustedUpload(trusted),
    ],
    probe: httpProbe(CONSOLE_PORT, "/admin/health"),
    stopGraceSeconds: 5,
  };
}
