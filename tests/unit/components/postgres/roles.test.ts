import assert from "node:assert/strict";

import { connectionLimits } from "../../../../components/postgres/roles";

describe("the connection limits of a service's roles", () => {
  for (const [instances, app, readonly] of [
    [1, 40, 10],
    [3, 80, 20],
  ]) {
    it(`give ${instances + 1} full pools to each login of a service that runs ${instances} at a time`, () => {
      assert.deepStrictEqual(connectionLimits({ instances }), { migrator: 3, app, readonly });
    });
  }
});
