/** Each matches something that nobody may read, with what is written in its place. */
const SECRETS: readonly [pattern: RegExp, replacement: string][] = [
  // Up to the last @: a password may contain one.
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>]*@/gi, "$1***@"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, "***"],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, "$1 ***"],
  // GitHub's own tokens (docs.github.com "About authentication to GitHub", token formats).
  [/\b(gh[a-z]_|github_pat_)\w+/g, "***"],
  // `password=...`, and the same in JSON.
  [
    /([\w-]*(?:passw(?:or)?d|passphrase|secret|token|api_?key)[\w-]*(?:\s*=|["']\s*:)\s*)("[^"]*"|'[^']*'|[^\s,;&]+)/gi,
    "$1***",
  ],
];

/**
 * The value with every text in it free of logins, passwords and keys. Texts of servers and of the engine, such as
 * errors, may quote them.
 */
export function scrubbed<T>(value: T): T {
  if (typeof value === "string") {
    return SECRETS.reduce<string>(
      (text, [pattern, replacement]) => text.replace(pattern, replacement),
      value,
    ) as T;
  }
  if (Array.isArray(value)) {
    return value.map(scrubbed) as T;
  }
  return typeof value === "object" && value !== null
    ? (Object.fromEntries(Object.entries(value).map(([key, each]) => [key, scrubbed(each)])) as T)
    : value;
}
