/** The workflow deploy with both of its stacks. */
import assert from "node:assert/strict";

import { findAct, printedBy, succeeded } from "../e2e/support/act";
import { createsProd, Deployment, refusesChangedProd } from "../e2e/support/deployment";

describe("The workflow deploy", () => {
  let deployment: Deployment;

  before(function () {
    deployment = new Deployment(findAct() ?? this.skip());
  });
  after(() => deployment?.cleanUp());

  it("brings up staging, plans prod, and then carries out that plan", () =>
    createsProd(deployment, /^Plan for stack staging: \d+ to create/m));

  it("asks nobody where nothing would change in prod", async () => {
    deployment.addTopic("staging", "only-in-staging");
    const result = succeeded(await deployment.run());
    assert.match(printedBy("staging", result), /^Plan for stack staging: 1 to create/m);
    assert.strictEqual(deployment.plan().facts.verdict, "nothing");
    assert.strictEqual(printedBy("prod", result), "");
  });

  it("refuses prod where somebody changed it while the plan waited, and says what differs", () =>
    refusesChangedProd(deployment));

  it("carries out a new plan, which names what was changed by hand", async () => {
    succeeded(await deployment.run());
    assert.match(deployment.plan().markdown, /by_hand_idx/);
    assert.ok((await deployment.topicsOfProd()).includes("added"));
  });
});
