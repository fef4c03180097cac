import { resolve } from "node:path";

import { Argument, Command, Option } from "commander";

import { SERVICE_NAMES, type ServiceName } from "../../catalog/services";
import type { ServiceConnections } from "../../contract/connections";
import { type Format, FORMAT_NAMES, FORMATS } from "../connections/formats";
import { inNetwork } from "../connections/in-network";
import { masked } from "../connections/mask";
import { needsCaFile } from "../connections/spring";
import { FaultError } from "../fault";
import { writePrivateFile } from "../machine/private-file";
import { examples, offlineOption, stackOption, type StackOptions } from "../options";
import { readOutputs } from "../stack/outputs";

interface EnvOptions extends StackOptions {
  format: Format;
  network: "host" | "containers";
  showSecrets?: boolean;
  output?: string;
  caFile?: string;
}

export const env = new Command("env")
  .description("print what a service connects with, or write it to a file")
  .addArgument(new Argument("<service>", "the service").choices(SERVICE_NAMES))
  .addOption(stackOption())
  .addOption(offlineOption())
  .addOption(
    new Option("--format <name>", "how to write it").choices(FORMAT_NAMES).default("dotenv"),
  )
  .addOption(
    new Option("--network <name>", "where the service runs: on the host, or beside the containers")
      .choices(["host", "containers"])
      .default("host"),
  )
  .option("--show-secrets", "with the passwords in clear, in a file as well")
  .option("--output <file>", "write a file that only you can read, in place of standard output")
  .option(
    "--ca-file <file>",
    "write the authorities to trust to this file, where the service reads it",
  )
  .addHelpText(
    "after",
    examples(
      "npm run env -- user-service --show-secrets --output .env",
      "npm run env -- user-service --format spring --show-secrets --output application.yml",
      'eval "$(npm run -s env -- user-service --format shell --show-secrets)"',
    ),
  )
  .action(writeSettings);

async function writeSettings(service: ServiceName, options: EnvOptions): Promise<void> {
  const { stack, format, output, caFile, showSecrets = false } = options;
  const { services, accessPoints } = await readOutputs(options);
  const own = services[service];
  const found = options.network === "containers" ? inNetwork(own, accessPoints) : own;
  refuseMissingCaFile(found, options);
  const text = FORMATS[format](
    service,
    showSecrets ? found : masked(found),
    caFile && resolve(caFile),
  );

  if (caFile !== undefined) {
    writeCertificates(caFile, found, stack);
  }
  if (!showSecrets) {
    console.error("The passwords are masked; --show-secrets shows them.");
  }
  if (output === undefined) {
    process.stdout.write(text);
  } else {
    writePrivateFile(output, text);
    console.error(`Wrote ${output} (mode 0600).`);
  }
}

function refuseMissingCaFile(connections: ServiceConnections, { format, caFile }: EnvOptions) {
  if (format === "spring" && caFile === undefined && needsCaFile(connections)) {
    throw new FaultError([
      "PostgreSQL's JDBC driver reads the authorities to trust from a file. Add --ca-file FILE: they are written to it, " +
        "and the settings name it.",
    ]);
  }
}

/** Certificates are no secret. */
function writeCertificates(
  file: string,
  { trustedCertificates }: ServiceConnections,
  stack: string,
): void {
  if (trustedCertificates === undefined) {
    throw new FaultError([
      `Stack ${stack} has no authorities of its own to trust, so that nothing was written to ${file}.`,
    ]);
  }
  writePrivateFile(file, trustedCertificates, 0o644);
}
