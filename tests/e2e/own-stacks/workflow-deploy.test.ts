import { findAct } from "../support/act";
import { createsProd, Deployment, refusesChangedProd } from "../support/deployment";

/** Without staging; the drill has both stacks. */
describe("The workflow deploy, without staging", () => {
  let deployment: Deployment;

  before(function () {
    deployment = new Deployment(findAct() ?? this.skip());
    deployment.skipStaging();
  });
  after(() => deployment?.cleanUp());

  it("plans prod after staging, and then carries out that plan", () =>
    createsProd(deployment, /^Staging is left out$/m));

  it("refuses prod where somebody changed it while the plan waited, and says what differs", () =>
    refusesChangedProd(deployment));
});
