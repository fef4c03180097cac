import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { makeReference, referenceFile } from "../../../tools/schema-docs/reference";
import { DATABASES } from "../support/databases";

describe("the schema's reference", function () {
  this.timeout(30_000);

  for (const name of DATABASES) {
    it(`is up to date for ${name}; "npm run docs:schema" writes it`, async () => {
      assert.equal(readFileSync(referenceFile(name), "utf8"), await makeReference(name));
    });
  }
});
