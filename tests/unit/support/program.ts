import { readFileSync } from "node:fs";
import path from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

import { type Recorded, recordResources, settled } from "./mocks";

export const ROOT = path.resolve(__dirname, "../../..");
export const PROJECT = "learning-platform";

interface ProjectFile {
  config: Record<string, { type: string; default: unknown; description: string }>;
}

const readYaml = (file: string): unknown => parse(readFileSync(path.join(ROOT, file), "utf8"));

export const PROJECT_FILE = readYaml("Pulumi.yaml") as ProjectFile;

/** Settings as people write them in a stack's file; undefined leaves a key out. */
export type Settings = Record<string, unknown>;

/** The settings of the stack `dev` that differ from the defaults. */
export const DEV_SETTINGS: Settings = Object.fromEntries(
  Object.entries((readYaml("Pulumi.dev.yaml") as { config: Settings }).config).map(
    ([key, value]) => [key.slice(PROJECT.length + 1), value],
  ),
);

/** Configuration as the engine hands it over: the project's defaults below the stack's settings, as text. */
export function engineConfig(settings: Settings): Record<string, string> {
  const defaults = Object.entries(PROJECT_FILE.config).map(([key, entry]) => [key, entry.default]);
  const all = { ...(Object.fromEntries(defaults) as Settings), ...settings };
  return Object.fromEntries(
    Object.entries(all)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [
        `${PROJECT}:${key}`,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
  );
}

export interface Program {
  recorded: Recorded;
  outputs: typeof import("../../../index");
}

/**
 * Runs the whole program for a stack with these settings, and waits for all of it.
 * @param rotated other passwords than those that are generated, by the name of the resource
 */
export async function runProgram(
  stack: string,
  settings: Settings,
  rotated: Record<string, string> = {},
): Promise<Program> {
  const recorded = recordResources(PROJECT, stack, rotated);
  pulumi.runtime.setAllConfig(engineConfig(settings));
  const entry = path.join(ROOT, "index.ts");
  // What the program makes, it makes while it is loaded: anew for each stack, and after the mocks.
  delete require.cache[entry];
  // The program changes how stack traces are written; failing tests want their own lines.
  const { prepareStackTrace } = Error;
  try {
    let outputs: Program["outputs"] | undefined;
    await pulumi.runtime.runInPulumiStack(async () => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      outputs = require(entry) as Program["outputs"];
    });
    await settled();
    return { recorded, outputs: outputs! };
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
}

/** A hook of mocha's that has the time to load the SDKs with the program. */
export const loading = (hook: () => Promise<unknown>): Mocha.AsyncFunc =>
  function () {
    this.timeout(30_000);
    return hook();
  };

const once = (run: () => Promise<Program>) => {
  let program: Promise<Program> | undefined;
  return () => (program ??= run());
};

/** The program with the configuration of the stack `dev`; run once for all who ask. */
export const devProgram = once(() => runProgram("dev", DEV_SETTINGS));

/** The program of a stack without settings, as one of a pull request; run once for all who ask. */
export const bareProgram = once(() => runProgram("pr-7", {}));
