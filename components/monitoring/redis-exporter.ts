import * as pulumi from "@pulumi/pulumi";

import { MONITOR_USER } from "../../catalog/monitor";
import { containerName, type ContainerPlace, createContainer } from "../platform/container";
import { goMemoryLimit, httpProbe } from "../platform/http-server";
import { TLS_FILES, trustedUpload } from "../platform/tls-files";

const PORT = 9121;
const PASSWORDS_FILE = "/etc/platform/redis-passwords.json";

export interface MonitoredRedis {
  /** host:port of each node on the platform's network. */
  addresses: readonly string[];
  /** Password of the user of the monitoring. */
  password: pulumi.Output<string>;
  /** What makes the user. */
  user: pulumi.Resource;
}

export interface RedisExporterArgs<Name extends string> extends ContainerPlace {
  servers: Readonly<Record<Name, MonitoredRedis>>;
  /** PEM of the authorities to trust; undefined if connections are not encrypted. */
  trusted?: pulumi.Output<string>;
}

/** Answers Prometheus with the statistics of every node of every Redis server, one a request. */
export class RedisExporter<Name extends string> extends pulumi.ComponentResource {
  /** host:port on the platform's network. */
  public readonly address: string;
  /** URL of each server, by which a request names it. */
  public readonly servers: Readonly<Record<Name, readonly string[]>>;

  constructor(name: string, args: RedisExporterArgs<Name>, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:monitoring:RedisExporter", name, {}, opts);
    const { platform, role, memoryMb, trusted } = args;
    const servers = Object.entries<MonitoredRedis>(args.servers);
    const scheme = trusted === undefined ? "redis" : "rediss";
    createContainer(
      name,
      {
        ...args,
        ports: [],
        envs: [goMemoryLimit(memoryMb)],
        command: [
          // No server of its own: each request names one.
          "--redis.addr=",
          `--redis.user=${MONITOR_USER}`,
          `--redis.password-file=${PASSWORDS_FILE}`,
          // The user may do neither: "-" leaves CONFIG out (1.80; 1.45 sends it, and is refused).
          "--config-command=-",
          "--set-client-name=false",
          ...(trusted === undefined ? [] : [`--tls-ca-cert-file=${TLS_FILES.trusted}`]),
        ],
        uploads: [
          {
            file: PASSWORDS_FILE,
            content: passwordsOf(
              scheme,
              servers.map(([, server]) => server),
            ),
            // The exporter starts as its own user, who has to be able to read it.
            permissions: "0444",
          },
          ...trustedUpload(trusted),
        ],
        probe: httpProbe(PORT, "/health"),
        stopGraceSeconds: 5,
      },
      { parent: this, dependsOn: servers.map(([, { user }]) => user) },
    );
    this.address = `${containerName(platform, role)}:${PORT}`;
    this.servers = Object.fromEntries(
      servers.map(([server, { addresses }]) => [
        server,
        addresses.map((address) => `${scheme}://${address}`),
      ]),
    ) as Record<Name, string[]>;
    this.registerOutputs({ address: this.address });
  }
}

/**
 * The exporter looks a password up by the server's URL, from some version on with the user's name in it
 * (redis_exporter exporter/redis.go, 1.45 and 1.80): the file has both.
 */
const passwordsOf = (scheme: string, servers: readonly MonitoredRedis[]): pulumi.Output<string> =>
  pulumi.secret(
    pulumi
      .all(servers.map(({ password }) => password))
      .apply((passwords) =>
        JSON.stringify(
          Object.fromEntries(
            servers.flatMap(({ addresses }, index) =>
              addresses
                .flatMap((address) => [address, `${MONITOR_USER}@${address}`])
                .map((place) => [`${scheme}://${place}`, passwords[index]]),
            ),
          ),
        ),
      ),
  );
