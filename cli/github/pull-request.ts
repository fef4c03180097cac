import { FaultError } from "../fault";
import { ask, type GitHub } from "./api";

/** What is asked of a pull request, as GitHub says it at this moment. */
export interface PullRequest {
  number: number;
  isOpen: boolean;
  labels: string[];
  /** Whether its branch is in the repository itself, and not in somebody's fork. */
  isOwnBranch: boolean;
  /** The commit at the end of its branch. */
  commit: string;
}

interface Answered {
  number: number;
  state: string;
  labels: { name: string }[];
  head: { sha: string; repo: { full_name: string } | null };
  base: { repo: { full_name: string } };
}

/** The part of the event `workflow_run` that says which branch ran. GitHub wrote it, and nobody's code did. */
export interface WorkflowRun {
  event: string;
  head_sha: string;
  head_branch: string | null;
  head_repository: { owner: { login: string } } | null;
}

export async function readPullRequest(
  github: GitHub,
  repository: string,
  number: number,
): Promise<PullRequest> {
  const { body } = await ask(github, "GET", `/repos/${repository}/pulls/${number}`);
  return pullRequestOf(body as Answered);
}

/**
 * The pull request that a run was about. The run's own list is empty for a fork, so the branch is looked up.
 * @returns undefined where the branch has gone on since, so that a later run reports
 * @throws FaultError where two pull requests offer the same commit: nobody knows which one the run was for
 */
export async function findPullRequest(
  github: GitHub,
  repository: string,
  run: WorkflowRun,
): Promise<PullRequest | undefined> {
  if (run.event !== "pull_request" || !run.head_branch || !run.head_repository) {
    throw new FaultError(["The event is not about a run for a branch of a pull request."]);
  }
  const head = encodeURIComponent(`${run.head_repository.owner.login}:${run.head_branch}`);
  const list = `/repos/${repository}/pulls?state=all&per_page=100&head=${head}`;
  const found = ((await ask(github, "GET", list)).body as Answered[])
    .map(pullRequestOf)
    .filter(({ commit }) => commit === run.head_sha);
  // A closed one counts where none is open: its environment is gone, and its comment says so.
  const open = found.filter(({ isOpen }) => isOpen);
  const candidates = open.length > 0 ? open : found;
  if (candidates.length > 1) {
    const numbers = candidates.map(({ number }) => number).join(", ");
    throw new FaultError([`More than one pull request has commit ${run.head_sha}: ${numbers}.`]);
  }
  return candidates[0];
}

const pullRequestOf = ({ number, state, labels, head, base }: Answered): PullRequest => ({
  number,
  isOpen: state === "open",
  labels: labels.map(({ name }) => name),
  isOwnBranch: head.repo?.full_name === base.repo.full_name,
  commit: head.sha,
});
