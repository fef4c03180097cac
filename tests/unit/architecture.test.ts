import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { architectureDocument, DOCUMENT } from "../../tools/architecture/drawing";

describe("docs/architecture.md", () => {
  it('draws the imports of the code; "npm run docs:architecture" updates it', () => {
    assert.strictEqual(readFileSync(DOCUMENT, "utf8"), architectureDocument());
  }).timeout(60_000);
});
