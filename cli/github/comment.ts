import { FaultError } from "../fault";
import { PROJECT } from "../stack/local-state";
import { ask, type GitHub, GitHubError, pause } from "./api";

/** Where a comment belongs. */
export interface CommentPlace {
  /** `owner/name` */
  repository: string;
  pullRequest: number;
  /** Each stack has one comment. */
  stack: string;
  /** Login of the comment's author; by default the token's own. */
  author?: string;
}

export interface PostedComment {
  action: "created" | "edited";
  url: string;
  /** Its author, where that is not the one whose comment was looked for: the next run will not find it. */
  otherAuthor?: string;
}

interface Comment {
  id: number;
  body?: string;
  html_url: string;
  user: { login: string } | null;
}

/** The author of what a workflow's own token writes. GitHub lets that token not ask who it is. */
const ACTIONS = "github-actions[bot]";

/** GitHub refuses more: "Body is too long (maximum is 65536 characters)". */
const LONGEST_COMMENT = 65_536;

/** More comments than that have never been seen on a pull request. */
const MOST_PAGES = 100;

const TRIES = 3;
const PAUSE_MS = 2_000;

/**
 * Makes a text the one comment of a stack on a pull request: edits the comment that an earlier run made, or creates it.
 * @throws GitHubError
 */
export async function postComment(
  github: GitHub,
  place: CommentPlace,
  text: string,
): Promise<PostedComment> {
  const mark = marker(place.stack);
  const body = `${mark}\n${text}`;
  if (body.length > LONGEST_COMMENT) {
    throw new FaultError([
      `The report has ${text.length} characters. With its marker, a comment may have ${LONGEST_COMMENT}.`,
    ]);
  }
  const author = place.author ?? (await ownLogin(github));
  const comments = `/repos/${place.repository}/issues`;
  const list = `${comments}/${place.pullRequest}/comments`;
  for (let attempt = 1; ; attempt++) {
    const existing = await findComment(github, `${list}?per_page=100`, { mark, author });
    const edited =
      existing && (await editComment(github, `${comments}/comments/${existing.id}`, body));
    if (edited) {
      return { action: "edited", url: edited.html_url };
    }
    try {
      const { html_url: url, user } = (await ask(github, "POST", list, { body })).body as Comment;
      const login = user?.login;
      return { action: "created", url, ...(login === author ? {} : { otherAuthor: login }) };
    } catch (error) {
      if (!(error instanceof GitHubError && error.isUnclear) || attempt === TRIES) {
        throw error;
      }
      // It may have been created: look again.
      await pause(github, PAUSE_MS, error.faults[0]);
    }
  }
}

/** GitHub shows no comment of HTML. It is the start of the text: in the middle it may be a quote. */
export const marker = (stack: string) => `<!-- learning-platform:${PROJECT}/${stack} -->`;

/** @returns undefined where somebody deleted the comment meanwhile */
async function editComment(
  github: GitHub,
  address: string,
  body: string,
): Promise<Comment | undefined> {
  try {
    return (await ask(github, "PATCH", address, { body })).body as Comment;
  } catch (error) {
    if (error instanceof GitHubError && [404, 410].includes(error.status ?? 0)) {
      return undefined;
    }
    throw error;
  }
}

/** The first comment of the author with the marker. Others may have quoted or copied it. */
async function findComment(
  github: GitHub,
  first: string,
  { mark, author }: { mark: string; author: string },
): Promise<Comment | undefined> {
  let page: string | undefined = first;
  for (let count = 0; page !== undefined && count < MOST_PAGES; count++) {
    const answer = await ask(github, "GET", page);
    const found = (answer.body as Comment[]).find(
      ({ body = "", user }) => user?.login === author && body.startsWith(mark),
    );
    if (found) {
      return found;
    }
    page = answer.next;
  }
  return undefined;
}

/** The login of the token's user. Only a token of an app, such as a workflow's own, may not ask for it. */
async function ownLogin(github: GitHub): Promise<string> {
  try {
    const { body } = await ask(github, "GET", "/user");
    return (body as { login: string }).login;
  } catch (error) {
    if (error instanceof GitHubError && error.status === 403) {
      return ACTIONS;
    }
    throw error;
  }
}
