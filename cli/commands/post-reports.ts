import { readFileSync } from "node:fs";

import { Command } from "commander";

import { FaultError, throwIfAny } from "../fault";
import type { GitHub } from "../github/api";
import { postComment } from "../github/comment";
import { readEnvironment } from "../github/environment";
import { findPullRequest, type PullRequest, type WorkflowRun } from "../github/pull-request";
import { asOfFork, findReports } from "../github/reports";
import { collect, examples } from "../options";
import { environmentName } from "../stack/settings";

interface PostOptions {
  reports: string;
  event: string;
  stack: string[];
}

export const postReports = new Command("post-reports")
  .description("post the reports that the run of a pull request left, as its comments")
  .requiredOption("--reports <folder>", "folder with STACK.md of each stack")
  .requiredOption("--event <file>", "the event workflow_run, as JSON")
  .option("--stack <name>", "stack that may have a report; repeatable", collect, [])
  .addHelpText(
    "after",
    "\nReads GITHUB_TOKEN, GITHUB_REPOSITORY (owner/name) and GITHUB_API_URL (https://api.github.com by default)." +
      "\nThe stack of the pull request itself, pr-NUMBER, may have a report, too." +
      "\nWhat the reports say is not believed: the number of the pull request is that of the event's branch.",
  )
  .addHelpText(
    "after",
    examples('npm run post-reports -- --reports reports --event "$GITHUB_EVENT_PATH"'),
  )
  .action(post);

async function post({ reports, event, stack }: PostOptions): Promise<void> {
  const { github, repository } = readEnvironment("write comments");
  const run = readRun(event);
  const pullRequest = await findPullRequest(github, repository, run);
  if (!pullRequest) {
    console.log(`No pull request is at commit ${run.head_sha} any more: nothing to post.`);
    return;
  }
  const stacks = [...stack, environmentName(pullRequest.number)];
  const { found, refused } = findReports(reports, stacks);
  for (const report of found) {
    await postOne(github, repository, pullRequest, report);
  }
  if (found.length + refused.length === 0) {
    console.log("The run left no report.");
  }
  throwIfAny(refused);
}

async function postOne(
  github: GitHub,
  repository: string,
  { number, isOwnBranch }: PullRequest,
  { stack, text }: { stack: string; text: string },
): Promise<void> {
  const place = { repository, pullRequest: number, stack };
  const { action, url } = await postComment(github, place, isOwnBranch ? text : asOfFork(text));
  console.log(`Comment ${action}: ${url}`);
}

function readRun(file: string): WorkflowRun {
  let run: WorkflowRun | undefined;
  try {
    run = (JSON.parse(readFileSync(file, "utf8")) as { workflow_run?: WorkflowRun }).workflow_run;
  } catch (error) {
    throw new FaultError([`${file} cannot be read: ${(error as Error).message}`]);
  }
  if (run === undefined) {
    throw new FaultError([`${file} is not the event of a workflow's run.`]);
  }
  return run;
}
