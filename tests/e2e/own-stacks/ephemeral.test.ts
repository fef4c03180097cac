import assert from "node:assert/strict";
import { rmSync } from "node:fs";

import { Checkout } from "../support/checkout";
import { docker, named } from "../support/docker";

const STACKS = ["pr-41", "pr-42", "pr-43"];
const KINDS = ["container", "volume", "network"] as const;
const prefix = (stack: string) => `learning-platform-${stack}-`;

describe("Environments of pull requests", () => {
  let checkout: Checkout;
  let printed: string[];

  before(async () => {
    checkout = new Checkout();
    const ups = STACKS.map((stack) => checkout.npmOk("up", ["--stack", stack]));
    // Where one fails, the others end first, so that they can be taken down.
    await Promise.allSettled(ups);
    printed = await Promise.all(ups);
  });
  after(async () => {
    for (const stack of STACKS) {
      await checkout.npm("down", ["--stack", stack]);
    }
    rmSync(checkout.root, { recursive: true, force: true });
  });

  /** The objects that are left of a stack. */
  const left = async (stack: string) =>
    (await Promise.all(KINDS.map((kind) => named(kind, prefix(stack))))).flat();

  it("are up at the same time, each on ports of its own", async () => {
    const ports = printed.flatMap((lines) =>
      [...lines.matchAll(/localhost:(\d+) +healthy/g)].map(([, port]) => port),
    );
    assert.equal(new Set(ports).size, 7 * STACKS.length);
    for (const stack of STACKS) {
      assert.equal((await left(stack)).length, 10, stack);
    }
  });

  it("do not change in a second up, however late", async () => {
    const second = await checkout.npmOk("up", ["--stack", STACKS[0]]);
    assert.match(second, /^Plan for stack pr-41: \d+ unchanged$/m);
    // Those of the table: a server that does not answer at once is named in a line of its own.
    const addresses = (text: string) =>
      [...text.matchAll(/localhost:(\d+) +healthy/g)].map(([, port]) => port).sort();
    assert.equal(addresses(second).length, 7);
    assert.deepEqual(addresses(second), addresses(printed[0]));
  });

  it("are listed by a sweep, which removes nothing by itself", async () => {
    const listed = await checkout.npmOk("sweep", ["--open", "41,42"]);
    assert.match(listed, /^pr-41 +leave +10 +its time is over at /m);
    assert.match(listed, /^pr-43 +remove +10 +pull request 43 is not open$/m);
    assert.equal((await left("pr-43")).length, 10);
  });

  it("are removed by a sweep: by its state, or by its labels if the state was lost", async () => {
    // Its salt stays: that alone is no stack.
    const state = checkout.path(".platform/state/.pulumi/stacks/learning-platform/pr-43.json");
    rmSync(state);
    const swept = await checkout.npmOk("sweep", ["--open", "41", "--yes"]);
    assert.match(swept, /^pr-42 +remove +10 +pull request 42 is not open$/m);
    assert.match(swept, /^pr-43 +remove +10 +its state is lost$/m);
    assert.deepEqual([...(await left("pr-42")), ...(await left("pr-43"))], []);
    assert.equal((await left("pr-41")).length, 10);
  });

  it("stay if one of their objects has the label that keeps them", async () => {
    const labels = ["project=learning-platform", "stack=pr-41", "keep=true"];
    const volume = "learning-platform-pr-41-keep";
    const flags = labels.flatMap((label) => ["--label", `learning-platform.${label}`]);
    await docker("volume", "create", ...flags, volume);
    try {
      const kept = await checkout.npmOk("sweep", ["--open", "", "--yes"]);
      assert.match(kept, /^pr-41 +leave .*its label keeps it$/m);
    } finally {
      await docker("volume", "rm", volume);
    }
  });

  it("are gone after down, with every file", async () => {
    await checkout.npmOk("down", ["--stack", "pr-41"]);
    for (const stack of STACKS) {
      assert.deepEqual(await left(stack), [], stack);
    }
  });
});
