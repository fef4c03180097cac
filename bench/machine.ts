/** The machine and the versions on which something was measured. */
import { cpus, totalmem } from "node:os";

import { dockerObjects } from "../cli/machine/docker-command";
import { STAND_IN_LABEL } from "../cli/machine/images";
import { run } from "../cli/machine/run";
import { stackConfiguration } from "../cli/stack/settings";
import { configuredImages } from "../cli/update/prepare-machine";

/** `2 processors, 8 GiB, Node.js 22.1.0` */
export const machineLine = (): string =>
  [
    `${cpus().length} processors`,
    `${Math.round(totalmem() / 1024 ** 3)} GiB`,
    `Node.js ${process.versions.node}`,
  ].join(", ");

/** The images are those of the stack: `Docker 28.0.0; images: redis:7.4-alpine (stand-in), ...` */
export async function dockerLine(stack: string): Promise<string> {
  const { stdout } = await run("docker", ["version", "--format", "{{.Server.Version}}"]);
  const names = configuredImages(stackConfiguration(stack)).map(({ name }) => name);
  const found = await dockerObjects<{ Config: { Labels: Record<string, string> | null } }>([
    ...["image", "inspect"],
    ...names,
  ]);
  const images = names.map((name, index) =>
    found[index]?.Config.Labels?.[STAND_IN_LABEL] ? `${name} (stand-in)` : name,
  );
  return `Docker ${stdout.trim()}; images: ${images.join(", ")}`;
}
