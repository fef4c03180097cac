import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { ROOT } from "../support/program";
import { brokenLinks, missingPaths, pagesOf, parsePage } from "./pages";

describe("the pages in Markdown", () => {
  const pages = pagesOf(ROOT);

  it("are all found", () => {
    for (const page of [
      "README.md",
      "docs/README.md",
      "docs/schema/types.md",
      "offline/README.md",
    ]) {
      assert.ok(pages.includes(page), page);
    }
  });

  const allOf = async (check: typeof brokenLinks) =>
    (await Promise.all(pages.map((page) => check(ROOT, page)))).flat();

  it("link only to files and headings that exist", async () => {
    assert.deepStrictEqual(await allOf(brokenLinks), []);
  });

  it("name only files and folders of the repository that exist", async () => {
    assert.deepStrictEqual(await allOf(missingPaths), []);
  });
});

describe("the check of links", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "learning-platform-pages-"));
    mkdirSync(path.join(root, "docs"));
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const write = (page: string, text: string) => writeFileSync(path.join(root, page), text);

  it("gives headings the anchors of GitHub", async () => {
    const { anchors } = await parsePage(
      "# The `up` command\n\n## An [authority](a.md)'s\n\n## A\n\n## A\n",
    );
    assert.deepStrictEqual([...anchors], ["the-up-command", "an-authoritys", "a", "a-1"]);
  });

  it("finds a missing file, a missing heading, and a heading of a folder", async () => {
    write("docs/b.md", "# B\n");
    write("a.md", "# A\n\n[1](docs/c.md) [2](docs/b.md#c) [3](#b) ![4](x.svg) [5](docs#a)\n");
    assert.deepStrictEqual(
      await brokenLinks(root, "a.md"),
      ["docs/c.md", "docs/b.md#c", "#b", "x.svg", "docs#a"].map((link) => `a.md: ${link}`),
    );
  });

  it("accepts files, folders, headings and other sites", async () => {
    write("a.md", "# A\n");
    write(
      "docs/b.md",
      "# B\n\n[1](../a.md#a) [2](#b) [3](../docs) [4](https://example.org/#x) [5][a]\n\n[a]: ../a.md\n",
    );
    assert.deepStrictEqual(await brokenLinks(root, "docs/b.md"), []);
  });

  it("does not take code for a link, and finds a missing path in code", async () => {
    write("a.md", "`[1](none.md)` `docs/none.ts` `docs/` `other/none.ts` `docs/*.md`\n");
    assert.deepStrictEqual(await brokenLinks(root, "a.md"), []);
    assert.deepStrictEqual(await missingPaths(root, "a.md"), ["a.md: docs/none.ts"]);
  });
});
