import { Command, InvalidArgumentError } from "commander";

import { FaultError, throwIfAny } from "../fault";
import { readEnvironment } from "../github/environment";
import { openPullRequests } from "../github/pull-requests";
import { ensureDocker } from "../machine/docker";
import { examples, isPullRequest, type Offline, offlineOption, yesOption } from "../options";
import { whileLocked } from "../stack/command-lock";
import { findObjects, findOldImages, findStacks } from "../sweep/found";
import { judge, type Verdict } from "../sweep/judge";
import { removeImages, removeObjects } from "../sweep/remove";
import { table } from "../terminal/table";
import { destroyStack } from "./down";

interface SweepOptions {
  open?: Set<number>;
  openFromGithub?: boolean;
  yes?: boolean;
  offline: Offline;
}

export const sweep = new Command("sweep")
  .description(
    "list the stacks whose time is over or whose pull request is closed, and remove them",
  )
  .option(
    "--open <numbers>",
    "the open pull requests, as 7,12; empty where there is none",
    parseNumbers,
  )
  .option("--open-from-github", "ask GitHub for the open pull requests")
  .addOption(offlineOption())
  .addOption(yesOption())
  .addHelpText(
    "after",
    "\nA protected stack always stays. docker volume create --label learning-platform.project=learning-platform " +
      "\n--label learning-platform.stack=pr-7 --label learning-platform.keep=true keep-pr-7 keeps stack pr-7." +
      "\n--open-from-github reads GITHUB_TOKEN, GITHUB_REPOSITORY (owner/name) and GITHUB_API_URL.",
  )
  .addHelpText("after", examples("npm run sweep -- --open 7,12 --yes"))
  .action(sweepStacks);

function parseNumbers(text: string): Set<number> {
  const numbers = text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
  if (!numbers.every(isPullRequest)) {
    throw new InvalidArgumentError("Expected numbers of pull requests, as 7,12.");
  }
  return new Set(numbers.map(Number));
}

async function sweepStacks(options: SweepOptions): Promise<void> {
  const { yes = false, offline } = options;
  const say = (line: string) => console.log(line);
  const dockerFault = await ensureDocker(say);
  throwIfAny(dockerFault ? [dockerFault] : []);
  const [stacks, objects, images, open] = await Promise.all([
    ...([findStacks(), findObjects(), findOldImages()] as const),
    readOpen(options),
  ]);
  const verdicts = judge(stacks, objects, { now: new Date(), open });
  verdictLines(verdicts, images.length).forEach(say);
  const removed = verdicts.filter(({ remove }) => remove);
  if (removed.length + images.length === 0) {
    say("Nothing is to be removed.");
  } else if (!yes) {
    say("Nothing was removed: npm run sweep -- --yes removes what is marked so.");
  } else {
    const faults = [...(await removeEach(removed, offline)), ...(await removeImages(images))];
    throwIfAny(faults);
  }
}

async function readOpen({ open, openFromGithub }: SweepOptions): Promise<Set<number> | undefined> {
  if (!openFromGithub) {
    return open;
  }
  const { github, repository } = readEnvironment("read pull requests");
  return openPullRequests(github, repository);
}

function verdictLines(verdicts: Verdict[], images: number): string[] {
  const rows = verdicts.map(({ stack, remove, why, objects }) => [
    stack,
    remove ? "remove" : "leave",
    `${objects.length}`,
    why.split("\n")[0],
  ]);
  return [
    ...(rows.length > 0
      ? table(["Stack", "Verdict", "In Docker", "Because"], rows)
      : ["There are no stacks."]),
    ...(images > 0 ? [`Old stand-in images to remove: ${images}`] : []),
  ];
}

/** Goes on after a stack that cannot be removed. */
async function removeEach(verdicts: Verdict[], offline: Offline): Promise<string[]> {
  const faults: string[] = [];
  for (const { stack, remove, objects } of verdicts) {
    try {
      if (remove === "stack") {
        await whileLocked({ stack, command: "sweep" }, () => destroyStack({ stack, offline }));
      } else {
        await removeObjects(objects);
        console.log(`What was left of stack ${stack} is removed.`);
      }
    } catch (error) {
      if (!(error instanceof FaultError)) {
        throw error;
      }
      faults.push(...error.faults.map((fault) => `${stack}: ${fault}`));
    }
  }
  return faults;
}
