import assert from "node:assert/strict";

import { makeTypes, presentTypes } from "../../../tools/types/files";

describe("The types of the services", function () {
  this.timeout(30_000);

  it('are up to date; "npm run types" writes them', async () => {
    assert.deepEqual(sorted(await presentTypes()), sorted(await makeTypes()));
  });

  const sorted = (files: Map<string, string>) => Object.fromEntries([...files].sort());
});
