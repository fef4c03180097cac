import assert from "node:assert/strict";

import { dockerContradictions, type DockerState } from "../../../../cli/drift/docker";
import { type KeptResource, TYPES } from "../../../../cli/plan/plan";

const network: KeptResource = {
  ...{ urn: "urn:network", type: TYPES.network, id: "n1" },
  inputs: { name: "lp-network" },
};
const container: KeptResource = {
  ...{ urn: "urn:redis", type: TYPES.container, id: "c1" },
  inputs: { name: "lp-redis", networksAdvanced: [{ name: "lp-network" }] },
};

const running: DockerState["containers"][number] = {
  ...{ id: "c1", name: "lp-redis", status: "running" },
  networks: [{ name: "lp-network", id: "n1" }],
};
const there = { id: "n1", name: "lp-network" };

const notRunning = {
  urns: ["urn:redis"],
  line: "The container lp-redis is not running; up starts it again.",
};
const offNetwork = {
  urns: ["urn:redis"],
  line: "The container lp-redis is not on its network; up makes it again, with its data.",
  remove: "c1",
};
const lostNetwork = {
  urns: ["urn:network"],
  line: "The network lp-network is gone; up makes it again.",
};

describe("what Docker contradicts", () => {
  const cases: [title: string, live: DockerState, found: object[]][] = [
    ["is nothing where all is there", { containers: [running], networks: [there] }, []],
    [
      "is a container that was stopped",
      { containers: [{ ...running, status: "exited" }], networks: [there] },
      [notRunning],
    ],
    [
      "is a container that was made and never started, whose network has no number yet",
      {
        containers: [{ ...running, status: "created", networks: [{ name: "lp-network", id: "" }] }],
        networks: [there],
      },
      [notRunning],
    ],
    ["is a container that was removed", { containers: [], networks: [there] }, [notRunning]],
    [
      "is a container in whose place another one has its name",
      { containers: [{ ...running, id: "c2" }], networks: [there] },
      [notRunning],
    ],
    ["is a network that was removed", { containers: [], networks: [] }, [lostNetwork, notRunning]],
    [
      "is each stopped container of a network that was removed, as it cannot start again",
      { containers: [{ ...running, status: "exited" }], networks: [] },
      [lostNetwork, offNetwork],
    ],
    [
      "is a running container that was taken off its network",
      { containers: [{ ...running, networks: [] }], networks: [there] },
      [offNetwork],
    ],
    [
      "is a network in whose place another one has its name, which a person has to judge",
      { containers: [], networks: [{ id: "n2", name: "lp-network" }] },
      [
        {
          ...lostNetwork,
          fault:
            "The network lp-network is gone, and another one has its name. " +
            "Remove that if nobody needs it: docker network rm lp-network",
        },
        notRunning,
      ],
    ],
  ];
  for (const [title, live, found] of cases) {
    it(title, () => {
      assert.deepEqual(dockerContradictions([network, container], live), found);
    });
  }
});
