import * as pulumi from "@pulumi/pulumi";

import { containerName, createContainer, type PlatformSettings } from "../platform/container";
import { TLS_FILES } from "../platform/tls-files";
import { consoleYaml } from "./redpanda-config";

const CONSOLE_PORT = 8080;
/** Of the container's memory; what is left is Go's stacks and the binary itself. */
const HEAP_SHARE = 0.9;
const CONFIG_FILE = "/etc/platform/console.yaml";

export interface RedpandaConsoleArgs {
  platform: PlatformSettings;
  image: string;
  memoryMb: number;
  /** Port of the host. */
  port: number;
  /** Broker and registry as containers on the platform's network name them; without the latter, no schemas. */
  bootstrapServers: string;
  schemaRegistryUrl?: string;
  /** A user of the broker that may look at everything and change nothing: whoever opens the page acts as it. */
  username: string;
  password: pulumi.Input<string>;
  /** PEM of the authorities that the broker's and the registry's certificates lead to; without it they are in clear. */
  trusted?: pulumi.Input<string>;
}

/** The web page on which people look at topics, messages and consumer groups. */
export class RedpandaConsole extends pulumi.ComponentResource {
  public readonly url: string;
  public readonly containerName: string;

  constructor(name: string, args: RedpandaConsoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:redpanda:RedpandaConsole", name, {}, opts);
    const { platform } = args;
    const role = "redpanda-console";

    createServer(this);
    this.url = `http://localhost:${args.port}`;
    this.containerName = containerName(platform, role);
    this.registerOutputs({ url: this.url, containerName: this.containerName });

    function createServer(parent: pulumi.Resource) {
      const config = pulumi.secret(args.password).apply((password) =>
        consoleYaml({
          brokers: [args.bootstrapServers],
          schemaRegistryUrl: args.schemaRegistryUrl,
          username: args.username,
          password,
          tls: args.trusted !== undefined,
        }),
      );
      return createContainer(
        name,
        {
          platform,
          role,
          image: args.image,
          memoryMb: args.memoryMb,
          ports: [{ internal: CONSOLE_PORT, external: args.port }],
          envs: [
            `CONFIG_FILEPATH=${CONFIG_FILE}`,
            // Go collects garbage harder near this, instead of being killed at the container's limit.
            `GOMEMLIMIT=${Math.floor(args.memoryMb * HEAP_SHARE)}MiB`,
          ],
          uploads: [
            { file: CONFIG_FILE, content: config, permissions: "0444" },
            ...(args.trusted === undefined
              ? []
              : [{ file: TLS_FILES.trusted, content: args.trusted, permissions: "0444" }]),
          ],
          healthTest: [
            "CMD",
            "wget",
            "-q",
            "-O",
            "/dev/null",
            `http://127.0.0.1:${CONSOLE_PORT}/admin/health`,
          ],
          stopGraceSeconds: 5,
        },
        { parent },
      );
    }
  }
}
