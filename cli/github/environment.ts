import { throwIfAny } from "../fault";
import type { GitHub } from "./api";

/**
 * GitHub and the repository as a workflow's environment names them.
 * @param right what the token must allow, for the message
 * @throws FaultError that lists every variable that is missing or wrong
 */
export function readEnvironment(right: string): { github: GitHub; repository: string } {
  const { GITHUB_TOKEN = "", GITHUB_REPOSITORY = "", GITHUB_API_URL } = process.env;
  const [token, url] = [GITHUB_TOKEN.trim(), GITHUB_API_URL || "https://api.github.com"];
  throwIfAny([
    ...(/^[!-~]+$/.test(token) ? [] : [`GITHUB_TOKEN must have a token that may ${right}.`]),
    ...(/^[\w.-]+\/[\w.-]+$/.test(GITHUB_REPOSITORY)
      ? []
      : ["GITHUB_REPOSITORY must be the repository as owner/name."]),
    ...(URL.canParse(url) ? [] : ["GITHUB_API_URL must be a URL such as https://api.github.com."]),
  ]);
  return { github: { url: url.replace(/\/+$/, ""), token }, repository: GITHUB_REPOSITORY };
}
