import assert from "node:assert/strict";

import { checkDocker, compareCopies, compareDocker } from "../../../../cli/drift/docker";
import type { Drift } from "../../../../cli/drift/drift";
import type { DockerState } from "../../../../cli/machine/docker";
import { TYPES } from "../../support/mocks";
import { withDocker } from "../support/environment";
import { stackResource } from "../support/state";

const network = stackResource(TYPES.network, "urn:network", { name: "lp-network" }, { id: "n1" });
const container = stackResource(
  TYPES.container,
  "urn:redis",
  { name: "lp-redis", networksAdvanced: [{ name: "lp-network" }] },
  { id: "c1" },
);

const running: DockerState["containers"][number] = {
  ...{ id: "c1", name: "lp-redis", status: "running" },
  networks: [{ name: "lp-network", id: "n1" }],
};
const there = { id: "n1", name: "lp-network" };

const notRunning: Drift = { urn: "urn:redis", sentence: "container lp-redis: not running" };
const offNetwork: Drift = {
  urn: "urn:redis",
  sentence: "container lp-redis: not on its network; up recreates it with its data",
  removeContainer: "c1",
};
const lostNetwork: Drift = { urn: "urn:network", sentence: "network lp-network: missing" };

describe("drift in Docker", () => {
  it("is a volume with a copy that is missing", () => {
    const name = "lp-postgres-replica-1-data";
    const copy = stackResource(TYPES.volume, "urn:copy", { name }, { id: name });
    assert.deepStrictEqual(compareCopies([copy], [name]), []);
    assert.deepStrictEqual(compareCopies([copy], ["other"]), [
      { urn: "urn:copy", sentence: `volume ${name}: missing, with a copy; up makes another copy` },
    ]);
  });

  const cases: [title: string, live: DockerState, found: Drift[]][] = [
    ["is none where everything is there", { containers: [running], networks: [there] }, []],
    [
      "is a container that was stopped",
      { containers: [{ ...running, status: "exited" }], networks: [there] },
      [notRunning],
    ],
    [
      "is a container that was never started, whose network has no id yet",
      {
        containers: [{ ...running, status: "created", networks: [{ name: "lp-network", id: "" }] }],
        networks: [there],
      },
      [notRunning],
    ],
    ["is a container that was removed", { containers: [], networks: [there] }, [notRunning]],
    [
      "is a container that another one replaced under its name",
      { containers: [{ ...running, id: "c2" }], networks: [there] },
      [notRunning],
    ],
    ["is a network that was removed", { containers: [], networks: [] }, [lostNetwork, notRunning]],
    [
      "is each stopped container of a removed network, because it cannot start again",
      { containers: [{ ...running, status: "exited" }], networks: [] },
      [lostNetwork, offNetwork],
    ],
    [
      "is a running container that was disconnected from its network",
      { containers: [{ ...running, networks: [] }], networks: [there] },
      [offNetwork],
    ],
    [
      "is refused where another network has the name of a removed one",
      { containers: [], networks: [{ id: "n2", name: "lp-network" }] },
      [
        {
          ...lostNetwork,
          fault:
            "The network lp-network is missing, and another network has its name. " +
            "If that one is not needed, remove it: docker network rm lp-network",
        },
        notRunning,
      ],
    ],
  ];
  for (const [title, live, found] of cases) {
    it(title, () => {
      assert.deepEqual(compareDocker([network, container], live), found);
    });
  }

  it("is read from the engine", async () => {
    const inspected = [
      {
        ...{ Id: "c1", Name: "/lp-redis", State: { Status: "exited" }, Config: { Labels: null } },
        NetworkSettings: { Ports: null, Networks: { "lp-network": { NetworkID: "n1" } } },
      },
    ];
    const script = `case "$1" in
      ps) echo c1;; inspect) echo '${JSON.stringify(inspected)}';; network) echo n1 lp-network;; esac`;
    await withDocker(script, async () => {
      assert.deepEqual(await checkDocker([network, container]), {
        found: [notRunning],
        unanswered: [],
      });
    });
  });

  it("is not looked for in a stack without containers", async () => {
    const calls = await withDocker("exit 1", async () => {
      assert.deepEqual(await checkDocker([]), { found: [], unanswered: [] });
    });
    assert.deepEqual(calls, []);
  });
});
