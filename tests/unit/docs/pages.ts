import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

import type { Token, Tokens } from "marked" with { "resolution-mode": "import" };

const skipped = (name: string) => name === "node_modules" || name.startsWith(".");

/** All Markdown files below a folder, relative to it. */
export const pagesOf = (root: string, folder = ""): string[] =>
  readdirSync(path.join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !skipped(name))
    .flatMap((entry) => {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        return pagesOf(root, file);
      }
      return entry.name.endsWith(".md") ? [file] : [];
    });

interface Parsed {
  /** Targets of links and images, as written. */
  links: string[];
  /** Texts in backticks. */
  codes: string[];
  /** Names that a link may have after its `#`. */
  anchors: Set<string>;
}

/** Reads the links of a page, and the anchors that GitHub gives its headings. */
export async function parsePage(text: string): Promise<Parsed> {
  // These two have no dependencies. remark-validate-links checks the same, with 190 packages more.
  const { marked } = await import("marked");
  const { default: GithubSlugger } = await import("github-slugger");
  const page: Parsed = { links: [], codes: [], anchors: new Set() };
  const slugger = new GithubSlugger();
  void marked.walkTokens(marked.lexer(text), (token) => {
    if (token.type === "link" || token.type === "image") {
      page.links.push((token as Tokens.Link | Tokens.Image).href);
    } else if (token.type === "codespan") {
      page.codes.push((token as Tokens.Codespan).text);
    } else if (token.type === "heading") {
      page.anchors.add(slugger.slug(plainText((token as Tokens.Heading).tokens)));
    }
  });
  return page;
}

const parseFile = (file: string) => parsePage(readFileSync(file, "utf8"));

const plainText = (tokens: Token[]): string =>
  tokens
    .map((token) => ("tokens" in token && token.tokens ? plainText(token.tokens) : token.raw))
    .join("");

/**
 * Finds links to files or headings that do not exist; links to other sites are not followed.
 * @param root folder of the repository
 * @param page file below it
 * @returns one line for each broken link
 */
export async function brokenLinks(root: string, page: string): Promise<string[]> {
  const { links } = await parseFile(path.join(root, page));
  const broken: string[] = [];
  for (const link of links.filter((target) => !/^[a-z][a-z\d+.-]*:/i.test(target))) {
    const [file, anchor] = link.split("#").map(decodeURIComponent);
    const target = file === "" ? page : path.join(path.dirname(page), file);
    if (!(await exists(path.join(root, target), anchor))) {
      broken.push(`${page}: ${link}`);
    }
  }
  return broken;
}

async function exists(file: string, anchor?: string): Promise<boolean> {
  if (!existsSync(file)) {
    return false;
  }
  if (anchor === undefined) {
    return true;
  }
  return !statSync(file).isDirectory() && (await parseFile(file)).anchors.has(anchor);
}

/**
 * Finds texts in backticks that look like a path from the root of the repository, and do not exist.
 * @returns one line for each of them
 */
export async function missingPaths(root: string, page: string): Promise<string[]> {
  const { codes } = await parseFile(path.join(root, page));
  const isFolder = (name: string) =>
    !skipped(name) && statSync(path.join(root, name), { throwIfNoEntry: false })?.isDirectory();
  const isPath = (code: string) => /^[\w-]+\/[\w./-]*$/.test(code) && isFolder(code.split("/")[0]);
  return codes
    .filter((code) => isPath(code) && !existsSync(path.join(root, code)))
    .map((code) => `${page}: ${code}`);
}
