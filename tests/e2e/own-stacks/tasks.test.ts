import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

import { run } from "../../../cli/machine/run";
import { scriptOf } from "../../support/task-page";
import { Checkout, withoutStacksOfOthers } from "../support/checkout";
import { docker } from "../support/docker";

const STACK = "tasks";

/** In the order in which a newcomer comes to them: each goes on where the one before it ended. */
const PAGES = [
  "first-run",
  "connect-a-service",
  "add-a-migration",
  "add-an-index",
  "add-a-topic",
  "add-a-service",
  "rotate-passwords",
  "read-an-alert",
  "upgrade-an-image",
  "restore-a-backup",
  "recover",
];

/** The image of the page on upgrades, which a machine without a registry cannot pull. */
const [USED_IMAGE, NEW_IMAGE] = ["redis:7.4-alpine", "redis:7.4.7-alpine"];

describe("The pages of docs/tasks", () => {
  let checkout: Checkout;

  before(async () => {
    checkout = new Checkout();
    writeFileSync(
      checkout.path(`Pulumi.${STACK}.yaml`),
      "config:\n  learning-platform:protect: false\n  learning-platform:fsync: false\n",
    );
    await docker("tag", USED_IMAGE, NEW_IMAGE);
  });
  after(async () => {
    await checkout?.cleanUp(STACK);
    await docker("rmi", NEW_IMAGE);
  });

  it("are all run", () => {
    const pages = readdirSync(checkout.path("docs", "tasks")).filter(
      (file) => file !== "README.md",
    );
    assert.deepEqual(pages.sort(), PAGES.map((page) => `${page}.md`).sort());
  });

  for (const page of PAGES) {
    it(`${page}.md does what it says`, async () => {
      const text = readFileSync(checkout.path("docs", "tasks", `${page}.md`), "utf8");
      // The stack of the pages is dev, whose ports others use.
      const script = scriptOf(text).replaceAll("Pulumi.dev.yaml", `Pulumi.${STACK}.yaml`);
      const { code, stdout, stderr } = await run("bash", ["-c", script], {
        cwd: checkout.root,
        env: { ...withoutStacksOfOthers(), PULUMI_STACK: STACK },
      });
      assert.equal(code, 0, `${stdout}${stderr}`);
    });
  }
});
