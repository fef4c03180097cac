import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";

import { Command } from "commander";

import { readEnvironment } from "../github/environment";
import { type PullRequest, readPullRequest } from "../github/pull-request";
import { examples, offlineOption, pullRequestOption, type StackOptions } from "../options";
import { failedReport, goneReport, upReport } from "../report/environment";
import { environmentName, NoStackError } from "../stack/settings";
import { runDown } from "./down";
import { runUp } from "./up";

interface EnvironmentOptions extends Pick<StackOptions, "offline"> {
  pullRequest: number;
  label: string;
  report?: string;
}

/** An update of the same stack ends within that time. */
const PATIENCE_MS = 20 * 60_000;

const subcommand = (name: string, description: string) =>
  new Command(name)
    .description(description)
    .addOption(pullRequestOption())
    .addOption(offlineOption())
    .option("--label <name>", "label of a pull request that has an environment", "environment")
    .option("--report <file>", "also write what became of it as Markdown, for a comment")
    .addHelpText("after", examples(`npm run environment -- ${name} --pull-request 7`));

export const environment = new Command("environment")
  .description("the stack of a pull request, pr-NUMBER")
  .addHelpText(
    "after",
    "\nReads GITHUB_TOKEN, GITHUB_REPOSITORY (owner/name) and GITHUB_API_URL (https://api.github.com by default)." +
      "\nGitHub is asked what the pull request is now: an event may be hours old.",
  )
  .addCommand(
    subcommand("up", "create or change it, if the pull request is open and has the label").action(
      (options: EnvironmentOptions) => reported(options, bringUp),
    ),
  )
  .addCommand(
    subcommand("down", "destroy it, unless the pull request is open and has the label").action(
      (options: EnvironmentOptions) => reported(options, takeDown),
    ),
  );

/** Does something and writes its report; a failure is reported, too. */
async function reported(
  options: EnvironmentOptions,
  act: (options: EnvironmentOptions) => Promise<string | undefined>,
): Promise<void> {
  const write = (text: string) => {
    if (options.report !== undefined) {
      mkdirSync(dirname(options.report), { recursive: true });
      writeFileSync(options.report, text);
    }
  };
  try {
    const report = await act(options);
    if (report !== undefined) {
      write(report);
    }
  } catch (error) {
    write(failedReport(environmentName(options.pullRequest), error));
    throw error;
  }
}

async function bringUp(options: EnvironmentOptions): Promise<string | undefined> {
  const stack = environmentName(options.pullRequest);
  if (!(await isWanted(options))) {
    return destroy(stack, options);
  }
  const limits = { patienceMs: PATIENCE_MS };
  const points = await runUp({ stack, offline: options.offline }, limits);
  // Closed meanwhile: its clean-up may have run before there was anything to clean.
  if (!(await isWanted(options))) {
    return destroy(stack, options);
  }
  return upReport(stack, process.env.RUNNER_NAME || hostname(), points);
}

async function takeDown(options: EnvironmentOptions): Promise<string | undefined> {
  const stack = environmentName(options.pullRequest);
  if (await isWanted(options)) {
    console.log(`Stack ${stack} stays: the pull request is open again.`);
    return undefined;
  }
  return destroy(stack, options);
}

async function isWanted({ pullRequest, label }: EnvironmentOptions): Promise<boolean> {
  const { github, repository } = readEnvironment("read pull requests");
  const answer = await readPullRequest(github, repository, pullRequest);
  const reason = whyNot(answer, label);
  if (reason !== undefined) {
    console.log(`Pull request ${pullRequest} has no environment: ${reason}.`);
  }
  return reason === undefined;
}

/** Why a pull request has no environment; undefined where it has one. */
export function whyNot(
  { isOpen, isOwnBranch, labels }: PullRequest,
  label: string,
): string | undefined {
  if (!isOpen) {
    return "it is closed";
  }
  // An environment runs on a machine that lasts, which the code of strangers must not reach.
  if (!isOwnBranch) {
    return "its branch is in a fork";
  }
  return labels.includes(label) ? undefined : `it lacks the label ${label}`;
}

/**
 * Destroys the stack once no other command changes it. That command may be an update, which finds no less than this one
 * that the pull request was closed, and is then the one that destroys it.
 * @returns undefined where there is nothing to destroy, and so nothing to say
 */
async function destroy(
  stack: string,
  { offline }: EnvironmentOptions,
): Promise<string | undefined> {
  try {
    await runDown({ stack, offline }, PATIENCE_MS);
  } catch (error) {
    if (!(error instanceof NoStackError)) {
      throw error;
    }
    console.log(`There is no stack ${stack}.`);
    return undefined;
  }
  return goneReport(stack);
}
