/** Options that several commands share. Each command adds those that it has. */
import { Command, InvalidArgumentError, Option } from "commander";

const OFFLINE_MODES = ["auto", "always", "never"] as const;

/** Whether what cannot be downloaded is built from package registries: after a failed download, at once, or never. */
export type Offline = (typeof OFFLINE_MODES)[number];

export interface StackOptions {
  stack: string;
  offline: Offline;
}

export const stackOption = () =>
  new Option("--stack <name>", "stack to work on")
    .env("PULUMI_STACK")
    .default("dev")
    .argParser(parseStack);

export const offlineOption = () =>
  new Option("--offline <mode>", "build engine, plugins and images from package registries")
    .env("LEARNING_PLATFORM_OFFLINE")
    .choices(OFFLINE_MODES)
    .default("auto");

export const pullRequestOption = () =>
  new Option("--pull-request <number>", "number of the pull request")
    .argParser(parsePullRequest)
    .makeOptionMandatory();

export const yesOption = () => new Option("--yes", "do what is shown without asking");

/** The offline mode that the environment sets, for runs without a command line. */
export const readOffline = (): Offline =>
  new Command().addOption(offlineOption()).parse([], { from: "user" }).opts<{ offline: Offline }>()
    .offline;

function parseStack(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(name)) {
    throw new InvalidArgumentError(
      "Expected 1 to 100 letters, digits, dots, hyphens and underscores.",
    );
  }
  return name;
}

export const isPullRequest = (text: string): boolean => /^[1-9]\d{0,9}$/.test(text);

function parsePullRequest(text: string): number {
  if (!isPullRequest(text)) {
    throw new InvalidArgumentError("Expected the number of a pull request.");
  }
  return Number(text);
}

/** Collects an option that may be given several times. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value];

/** The end of a command's help: one command line, or several. */
export const examples = (...lines: string[]): string =>
  ["", lines.length > 1 ? "Examples:" : "Example:", ...lines.map((line) => `  ${line}`)].join("\n");
