import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";

import { Checkout } from "../support/checkout";
import { named } from "../support/docker";
import { Running } from "../support/running";

const STACK = "torn";
const PREFIX = `learning-platform-${STACK}`;
/** The run is killed when it prints this: networks, containers, roles or migrations are then half done. */
const MOMENTS = [
  /volume .* created/,
  /container .*-redis healthy/,
  /database .* created/,
  /sql\/.* applied/,
];

describe("A first up that is killed repeatedly", () => {
  let checkout: Checkout;
  before(() => {
    checkout = new Checkout();
    const settings = "config:\n  learning-platform:protect: false\n";
    writeFileSync(checkout.path(`Pulumi.${STACK}.yaml`), settings);
  });
  after(async () => {
    await checkout.cleanUp(STACK);
  });

  for (const moment of MOMENTS) {
    it(`continues, and is killed at ${moment.source}`, async () => {
      const up = new Running(checkout, STACK);
      await up.hasPrinted(moment);
      await up.kill();
    });
  }

  it("writes no file of the state in place, which a kill could leave incomplete", () => {
    const written = readdirSync(checkout.path(".platform", "state"), { recursive: true });
    assert.ok(written.some((file) => `${file}`.endsWith(`${STACK}.json`)));
    assert.deepEqual(
      written.filter((file) => `${file}`.endsWith(".attrs")),
      [],
    );
  });

  it("completes without manual steps, and then changes nothing", async () => {
    const printed = await checkout.npmOk("up", ["--stack", STACK]);
    assert.match(printed, /Removing the stale lock of the last run, which was killed/);
    assert.equal((await named("container", PREFIX)).length, 5);
    const second = await checkout.npmOk("up", ["--stack", STACK]);
    assert.match(second, new RegExp(`^Plan for stack ${STACK}: \\d+ unchanged$`, "m"));
  });

  it("is destroyed completely", async () => {
    await checkout.npmOk("down", ["--stack", STACK]);
    for (const kind of ["container", "volume", "network"] as const) {
      assert.deepEqual(await named(kind, PREFIX), [], kind);
    }
  });
});
