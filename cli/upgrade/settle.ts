/** Makes a stack's configuration and state those of another major version of PostgreSQL. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

import { parseDocument } from "yaml";

import type { PostgresMajor } from "../../catalog/postgres-majors";
import { SERVERS } from "../../catalog/servers";
import { FaultError } from "../fault";
import { logicalName, TYPES } from "../resource-types";
import { PROJECT } from "../stack/local-state";
import { pullRequestOf, trackedFile } from "../stack/settings";
import { engine, type OpenStack } from "../stack/stack";
import type { ExportedResource } from "../stack/state";

export interface Version {
  major: PostgresMajor;
  /** Image as the configuration names it. */
  image: string;
  volume: string;
}

/** Refuses a stack without a file of its own: its version would become that of all environments. */
export const settingsFaults = (stack: string): string[] =>
  pullRequestOf(stack) !== undefined && basename(trackedFile(stack)) !== `Pulumi.${stack}.yaml`
    ? [
        `Stack ${stack} has its settings from ${basename(trackedFile(stack))}, as all environments of pull requests. ` +
          "Set postgresImage and postgresMajor there for new ones, or copy it to " +
          `Pulumi.${stack}.yaml and upgrade this one. Nothing was changed.`,
      ]
    : [];

/**
 * A settings file with another version; comments and order stay.
 * @param text empty where there is no file yet
 */
export function withVersion(text: string, { image, major }: Omit<Version, "volume">): string {
  const document = parseDocument(text);
  document.setIn(["config", `${PROJECT}:postgresImage`], image);
  document.setIn(["config", `${PROJECT}:postgresMajor`], major);
  return document.toString({ lineWidth: 0 });
}

/**
 * Writes the version to the stack's file first: a run that is killed in between leaves a file that `up` refuses, and no state
 * of data that nobody names.
 * @throws FaultError where the engine does not take the state; then the file is as before
 */
export async function settle({ stack }: OpenStack, version: Version): Promise<void> {
  const file = trackedFile(stack.name);
  const before = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  writeFileSync(file, withVersion(before ?? "", version));
  try {
    await moveState(stack, version.volume);
  } catch (error) {
    if (before === undefined) {
      rmSync(file);
    } else {
      writeFileSync(file, before);
    }
    throw error;
  }
}

async function moveState(stack: OpenStack["stack"], volume: string): Promise<void> {
  const exported = await stack.exportStack();
  const deployment = exported.deployment as { resources?: ExportedResource[] };
  const resources = (deployment.resources ?? []).map((resource) =>
    isServersVolume(resource) ? onVolume(resource, volume) : resource,
  );
  if (!resources.some(isServersVolume)) {
    throw new FaultError([`Stack ${stack.name} has no volume of PostgreSQL in its state.`]);
  }
  await engine(
    ["stack", "import", "--stack", stack.name],
    JSON.stringify({ ...exported, deployment: { ...deployment, resources } }),
  );
}

const isServersVolume = ({ urn, type }: ExportedResource): boolean =>
  type === TYPES.volume && logicalName(urn) === `${SERVERS.postgres.role}-data`;

/** The id of a volume is its name; the provider reads the rest of it when the state is refreshed. */
const onVolume = (resource: ExportedResource, name: string): ExportedResource => {
  const before = String(resource.inputs?.name);
  const mountpoint = resource.outputs?.mountpoint;
  return {
    ...resource,
    id: name,
    inputs: { ...resource.inputs, name },
    outputs: {
      ...resource.outputs,
      name,
      ...("id" in (resource.outputs ?? {}) ? { id: name } : {}),
      ...(typeof mountpoint === "string" ? { mountpoint: mountpoint.replace(before, name) } : {}),
    },
  };
};
