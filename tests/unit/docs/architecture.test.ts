import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { DOCUMENT, drawArchitecture } from "../../../tools/architecture/drawing";

describe("docs/architecture.md", () => {
  it('draws the imports of the code; "npm run docs:architecture" updates it', async () => {
    assert.strictEqual(readFileSync(DOCUMENT, "utf8"), await drawArchitecture());
  }).timeout(60_000);
});
