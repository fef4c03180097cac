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

/** Settings as in a stack's file; undefined leaves a key out. */
export type Settings = Record<string, unknown>;

/** The settings of stack `dev` that differ from the defaults. */
export const DEV_SETTINGS: Settings = Object.fromEntries(
  Object.entries((readYaml("Pulumi.dev.yaml") as { config: Settings }).config).map(
    ([key, value]) => [key.slice(PROJECT.length + 1), value],
  ),
);

/** Configuration as the engine passes it: the stack's settings over the project's defaults, as text. */
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
  outputs: Awaited<typeof import("../../../index")>;
}

/**
 * Runs the whole program for a stack with these settings, and waits for all of it.
 * @param rotated passwords by name of the resource, in place of the generated ones
 */
export async function runProgram(
  stack: string,
  settings: Settings,
  rotated: Record<string, string> = {},
): Promise<Program> {
  const recorded = recordResources(PROJECT, stack, rotated);
  pulumi.runtime.setAllConfig(engineConfig(settings));
  const entry = path.join(ROOT, "index.ts");
  // The program creates its resources while it loads: load it again for each stack, after setting the mocks.
  delete require.cache[entry];
  // The program changes the format of stack traces; failing tests need the original one.
  const { prepareStackTrace } = Error;
  try {
    let outputs: Program["outputs"] | undefined;
    await pulumi.runtime.runInPulumiStack(async () => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      outputs = await (require(entry) as typeof import("../../../index"));
    });
    await settled();
    return { recorded, outputs: outputs! };
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
}

/** A hook of mocha with enough time to load the SDKs with the program. */
export const loading = (hook: () => Promise<unknown>): Mocha.AsyncFunc =>
  function () {
    this.timeout(30_000);
    return hook();
  };

const once = (run: () => Promise<Program>) => {
  let program: Promise<Program> | undefined;
  return () => (program ??= run());
};

/** The program with the configuration of stack `dev`; it runs only once. */
export const devProgram = once(() => runProgram("dev", DEV_SETTINGS));

/** The program of a stack without settings, such as one of a pull request; it runs only once. */
export const bareProgram = once(() => runProgram("pr-7", {}));
