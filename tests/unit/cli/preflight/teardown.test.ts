import assert from "node:assert/strict";

import {
  protectionFaults,
  usedByOthersFaults,
  type UsedObject,
} from "../../../../cli/preflight/teardown";
import { stackResource } from "../support/state";

describe("a teardown", () => {
  const own = ["lp-postgres", "lp-redis"];

  it("may remove volumes and networks that only the stack's own containers use", () => {
    const used: UsedObject[] = [
      { kind: "volume", name: "lp-postgres-data", users: ["lp-postgres"] },
      { kind: "network", name: "lp-network", users: own },
    ];
    assert.deepStrictEqual(usedByOthersFaults(used, own), []);
  });

  it("is refused with the name of each other container on a volume or network", () => {
    const faults = usedByOthersFaults(
      [
        { kind: "volume", name: "lp-postgres-data", users: ["lp-postgres", "backup"] },
        { kind: "network", name: "lp-network", users: [...own, "backup", "toolbox"] },
      ],
      own,
    );
    assert.deepStrictEqual(faults, [
      "The container backup uses the volume lp-postgres-data, which down would remove. " +
        "Remove the container first: docker rm -f backup",
      ...["backup", "toolbox"].map(
        (name) =>
          `The container ${name} uses the network lp-network, which down would remove. ` +
          `Remove the container (docker rm -f ${name}) or disconnect it (docker network disconnect lp-network ${name}).`,
      ),
    ]);
  });

  it("is refused while a resource is protected, with the way to destroy it", () => {
    const resources = [
      stackResource("a:b:C", "urn:p::free"),
      stackResource("a:b:C", "urn:p::kept", {}, { protect: true }),
      stackResource("a:b:C", "urn:p::kept-too", {}, { protect: true }),
    ];
    assert.deepStrictEqual(protectionFaults("dev", resources.slice(0, 1)), []);
    assert.deepStrictEqual(protectionFaults("dev", resources), [
      "Stack dev protects 2 resources, kept first. " +
        "To destroy it with its data, set learning-platform:protect to false, run up, and then down.",
    ]);
  });
});
