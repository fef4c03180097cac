import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { configurationPage, PAGE } from "../../../tools/configuration-docs/table";
import { markdownTable, withGenerated } from "../../../tools/generated";

describe("docs/configuration.md", () => {
  it('lists the keys, defaults and descriptions of Pulumi.yaml; "npm run docs:configuration" writes them', async () => {
    assert.strictEqual(readFileSync(PAGE, "utf8"), await configurationPage());
  });
});

describe("the generated part of a page", () => {
  const page = (part: string) =>
    `# Keys\n\nBefore.\n\n<!-- Generated from keys.yaml. -->\n\n${part}\n<!-- End of the generated part. -->\n\nAfter.\n`;

  it("is replaced, and the text around it stays", async () => {
    const table = markdownTable(["key", "default"], [["a", "x|y"]]);
    assert.strictEqual(
      await withGenerated(page("old\n"), table),
      page("| key | default |\n| --- | ------- |\n| a   | x\\|y    |\n"),
    );
  });

  it("must exist", async () => {
    await assert.rejects(withGenerated("# Keys\n", "x"), /has no "<!-- Generated from/);
  });
});
