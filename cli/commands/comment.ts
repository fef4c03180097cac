import { readFileSync } from "node:fs";

import { Command } from "commander";

import { FaultError } from "../fault";
import { postComment } from "../github/comment";
import { readEnvironment } from "../github/environment";
import { appendSummary } from "../github/summary";
import { examples, pullRequestOption, stackOption } from "../options";

interface CommentOptions {
  stack: string;
  report: string;
  pullRequest: number;
  author?: string;
}

export const comment = new Command("comment")
  .description("post a report as the one comment of a stack on a pull request")
  .addOption(stackOption())
  .requiredOption("--report <file>", "the Markdown that preview --report wrote")
  .addOption(pullRequestOption())
  .option("--author <login>", "author of the comment, for the token of an app of your own")
  .addHelpText(
    "after",
    "\nReads GITHUB_TOKEN, GITHUB_REPOSITORY (owner/name) and GITHUB_API_URL (https://api.github.com by default)." +
      "\nAppends the report to GITHUB_STEP_SUMMARY where that is set.",
  )
  .addHelpText("after", examples("npm run comment -- --report report.md --pull-request 7"))
  .action(postReport);

async function postReport({ report, ...place }: CommentOptions): Promise<void> {
  const text = readReport(report);
  // Before the comment, which may fail.
  const { GITHUB_STEP_SUMMARY: summary } = process.env;
  if (summary && !appendSummary(summary, text)) {
    console.error("The step's summary has no room for the report.");
  }
  const { github, repository } = readEnvironment("write comments");
  const { action, url, otherAuthor } = await postComment(github, { ...place, repository }, text);
  console.log(`Comment ${action}: ${url}`);
  if (otherAuthor !== undefined) {
    console.error(`The next run will not find it: add --author '${otherAuthor}'.`);
  }
}

function readReport(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new FaultError([`${file} cannot be read: ${(error as Error).message}`]);
  }
}
