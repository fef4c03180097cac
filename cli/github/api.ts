import { setTimeout as sleep } from "node:timers/promises";

import { FaultError } from "../fault";
import { stopping, throwIfStopped } from "../machine/stopping";

/** How to reach GitHub's REST API. */
export interface GitHub {
  /** `https://api.github.com`, or that of a server of one's own, without a slash at the end. */
  url: string;
  token: string;
  /** Waits some milliseconds, and says why. */
  wait?: (ms: number, why: string) => Promise<void>;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** GitHub answered with an error, or not at all. Its message never has the token. */
export class GitHubError extends FaultError {
  /**
   * @param status of the answer; undefined where there was none
   * @param isUnclear whether GitHub may have done what it was asked for
   */
  constructor(
    fault: string,
    public readonly status?: number,
    public readonly isUnclear = false,
  ) {
    super([fault]);
  }
}

export interface Answer {
  body: unknown;
  /** Address of the next page of a list. */
  next?: string;
}

type Method = "GET" | "POST" | "PATCH";

const TRIES = 5;
const TIMEOUT_MS = 30_000;
const FIRST_PAUSE_MS = 1_000;
/** The least for a limit that says nothing else, as docs.github.com "Best practices for using the REST API" asks. */
const LIMIT_PAUSE_MS = 60_000;
/** A runner that waits costs money; after that long somebody should know. */
const LONGEST_PAUSE_MS = 10 * 60_000;

/**
 * Asks GitHub, and again where it limits the rate or fails for a moment. A POST that may have been done is not
 * repeated.
 * @param address below the API's, or whole as in `Answer.next`
 * @throws GitHubError
 */
export async function ask(
  github: GitHub,
  method: Method,
  address: string,
  body?: unknown,
): Promise<Answer> {
  const url = addressIn(github, address);
  for (let attempt = 1; ; attempt++) {
    throwIfStopped();
    const result = await send(github, method, url, body);
    if ("body" in result) {
      return result;
    }
    const { error, limit } = result;
    const [fault] = error.faults;
    const ms = limit ?? FIRST_PAUSE_MS * 2 ** (attempt - 1);
    const isFinal = error.isUnclear ? method === "POST" : limit === undefined;
    if (isFinal || attempt === TRIES) {
      throw error;
    }
    if (ms > LONGEST_PAUSE_MS) {
      const minutes = Math.ceil(ms / 60_000);
      throw new GitHubError(`${fault} It asks to wait ${minutes} minutes.`, error.status);
    }
    await pause(github, ms, fault);
  }
}

/** The token goes to the API's own server only, wherever a list says that it continues. */
function addressIn({ url }: GitHub, address: string): string {
  const whole = address.startsWith("/") ? `${url}${address}` : address;
  if (new URL(whole).origin !== new URL(url).origin) {
    throw new GitHubError(`${new URL(url).origin} continues a list on another server.`);
  }
  return whole;
}

interface Refusal {
  error: GitHubError;
  /** How long the limit of the rate lasts, in milliseconds. */
  limit?: number;
}

async function send(
  github: GitHub,
  method: Method,
  url: string,
  body: unknown,
): Promise<Answer | Refusal> {
  const { origin, pathname } = new URL(url);
  const hidden = (text: string) => text.replaceAll(github.token, "***");
  try {
    const response = await fetch(url, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${github.token}`,
        "content-type": "application/json",
        "user-agent": "learning-platform",
        "x-github-api-version": "2022-11-28",
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), stopping]),
    });
    const text = await response.text();
    const message = hidden(messageIn(text));
    if (response.ok) {
      return { body: parsed(text), next: nextPage(response.headers.get("link")) };
    }
    const { status } = response;
    const fault = `${method} ${pathname}: GitHub answers ${status}${message && ` (${message})`}.`;
    const limit = limitMs(response, message, github.now ?? Date.now);
    return {
      error: new GitHubError(`${fault}${advice(status, limit)}`, status, status >= 500),
      limit,
    };
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
    const reason = hidden(cause?.code ?? cause?.message ?? message);
    return { error: new GitHubError(`${origin} does not answer: ${reason}.`, undefined, true) };
  }
}

/**
 * How long to wait for the end of a limit; undefined where the answer is another one (docs.github.com "Rate limits for
 * the REST API": exceeding the rate limit).
 */
function limitMs(
  { status, headers }: Response,
  message: string,
  now: () => number,
): number | undefined {
  const after = headers.get("retry-after");
  const isUsedUp = headers.get("x-ratelimit-remaining") === "0";
  const isLimit = after !== null || isUsedUp || status === 429 || /rate limit/i.test(message);
  if (![403, 429].includes(status) || !isLimit) {
    return undefined;
  }
  const seconds = Number(after ?? NaN);
  if (Number.isFinite(seconds)) {
    return Math.max(seconds, 0) * 1_000;
  }
  const reset = Number(headers.get("x-ratelimit-reset") ?? NaN) * 1_000;
  return isUsedUp && Number.isFinite(reset) ? Math.max(reset - now(), 0) + 1_000 : LIMIT_PAUSE_MS;
}

function advice(status: number, limit: number | undefined): string {
  const advices: Readonly<Record<number, string>> = {
    401: " The token in GITHUB_TOKEN is not valid.",
    403: " The token may lack the permission pull-requests: write.",
    404: " Either there is no such thing, or the token may not see it.",
  };
  return limit === undefined ? (advices[status] ?? "") : "";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What GitHub says of an error, as `Validation Failed: body is too long`. */
function messageIn(text: string): string {
  const { message, errors } = (parsed(text) ?? {}) as {
    message?: string;
    errors?: { message?: string }[];
  };
  const more = Array.isArray(errors) ? errors.flatMap((each) => each.message ?? []) : [];
  return typeof message === "string" ? [message, ...more].join(": ") : "";
}

const nextPage = (link: string | null): string | undefined =>
  /<([^>]+)>;[^,]*rel="?next"?/.exec(link ?? "")?.[1];

export const pause = ({ wait = waitUnlessStopped }: GitHub, ms: number, why: string) =>
  wait(ms, why);

async function waitUnlessStopped(ms: number, why: string): Promise<void> {
  console.error(`${why} Trying again in ${Math.ceil(ms / 1_000)} s.`);
  await sleep(ms, undefined, { signal: stopping }).catch(() => undefined);
}
