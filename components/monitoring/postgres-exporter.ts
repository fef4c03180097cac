import * as pulumi from "@pulumi/pulumi";

import { MONITOR_DATABASE, MONITOR_ROLE } from "../../catalog/monitor";
import { postgresQueries } from "../../monitoring/postgres-queries";
import type { MonitoredBackups } from "../../monitoring/systems";
import { containerName, type ContainerPlace, createContainer } from "../platform/container";
import { goMemoryLimit, httpProbe } from "../platform/http-server";
import { TLS_FILES, trustedUpload } from "../platform/tls-files";

const PORT = 9187;
const PASSWORD_FILE = "/etc/platform/postgres-password";
const QUERIES_FILE = "/etc/platform/queries.yaml";

export interface PostgresExporterArgs extends ContainerPlace {
  /** host:port of the server on the platform's network. */
  server: string;
  /** Roles of the containers that are its replicas. */
  replicas: readonly string[];
  /** Password of the role of the monitoring. */
  password: pulumi.Output<string>;
  /** What makes the role. */
  made: pulumi.Resource;
  /** Whether the server archives its WAL. */
  hasArchive: boolean;
  /** Undefined unless backups are scheduled. */
  backups?: MonitoredBackups;
  /** PEM of the authorities to trust; undefined if the connection is not encrypted. */
  trusted?: pulumi.Output<string>;
}

/** Answers Prometheus with what the queries of the platform find in PostgreSQL. */
export class PostgresExporter extends pulumi.ComponentResource {
  /** host:port on the platform's network. */
  public readonly address: string;

  constructor(name: string, args: PostgresExporterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:monitoring:PostgresExporter", name, {}, opts);
    const { platform, role, memoryMb, server, password, made, trusted } = args;
    const ssl =
      trusted === undefined
        ? "sslmode=disable"
        : `sslmode=verify-full&sslrootcert=${TLS_FILES.trusted}`;
    createContainer(
      name,
      {
        ...args,
        ports: [],
        envs: [
          `DATA_SOURCE_URI=${server}/${MONITOR_DATABASE}?${ssl}`,
          `DATA_SOURCE_USER=${MONITOR_ROLE}`,
          `DATA_SOURCE_PASS_FILE=${PASSWORD_FILE}`,
          goMemoryLimit(memoryMb),
        ],
        command: [
          `--extend.query-path=${QUERIES_FILE}`,
          "--disable-default-metrics",
          "--disable-settings-metrics",
          "--log.level=warn",
        ],
        uploads: [
          // The exporter runs as nobody, who has to be able to read it.
          { file: PASSWORD_FILE, content: pulumi.secret(password), permissions: "0444" },
          { file: QUERIES_FILE, content: postgresQueries(args), permissions: "0444" },
          ...trustedUpload(trusted),
        ],
        // A page that asks the server nothing.
        probe: httpProbe(PORT, "/"),
        stopGraceSeconds: 5,
      },
      { parent: this, dependsOn: made },
    );
    this.address = `${containerName(platform, role)}:${PORT}`;
    this.registerOutputs({ address: this.address });
  }
}
