import { ask, type GitHub, GitHubError } from "./api";

/** A repository with more open pull requests has never been seen. */
const MOST_PAGES = 100;

/**
 * Numbers of a repository's open pull requests.
 * @param repository `owner/name`
 * @throws GitHubError where one page cannot be read: a list that lacks some would close environments that are in use
 */
export async function openPullRequests(github: GitHub, repository: string): Promise<Set<number>> {
  const numbers = new Set<number>();
  let address: string | undefined = `/repos/${repository}/pulls?state=open&per_page=100`;
  for (let page = 0; address !== undefined; page++) {
    if (page === MOST_PAGES) {
      throw new GitHubError(`${repository} has more than ${MOST_PAGES} pages of pull requests.`);
    }
    const { body, next } = await ask(github, "GET", address);
    for (const pull of pulls(body, repository)) {
      numbers.add(pull.number);
    }
    address = next;
  }
  return numbers;
}

function pulls(body: unknown, repository: string): { number: number }[] {
  const isList =
    Array.isArray(body) &&
    body.every((pull) => Number.isInteger((pull as { number?: unknown } | null)?.number));
  if (!isList) {
    throw new GitHubError(`GitHub's answer is no list of the pull requests of ${repository}.`);
  }
  return body as { number: number }[];
}
