import assert from "node:assert/strict";

import {
  driftLines,
  findDrift,
  refusedDrift,
  remainingDrift,
  urnsToRefresh,
} from "../../../../cli/drift/drift";
import { TYPES } from "../../support/mocks";
import { closedPort } from "../../support/ports";
import { stackResource } from "../support/state";

describe("the search for drift", function () {
  // The first connection to a server loads its client.
  this.timeout(20_000);

  it("finds nothing in a stack without resources", async () => {
    assert.deepStrictEqual(await findDrift([]), { found: [], unanswered: [] });
  });

  it("finds nothing where no server answers, and names each once", async () => {
    const port = await closedPort();
    const administrator = { host: "127.0.0.1", port, adminUsername: "a", adminPassword: "b" };
    const redisUser = (urn: string) =>
      stackResource(TYPES.redisUser, urn, {
        ...administrator,
        ...{ username: "x", password: "y", rules: [], applied: "{}", drifted: false },
      });
    const servers = {
      "Kafka API": [
        stackResource(TYPES.rights, "urn:rights", {
          bootstrapServers: `127.0.0.1:${port}`,
          adminUsername: "a",
          adminPassword: "b",
          principal: "user-service",
          rights: {},
        }),
      ],
      Redis: [redisUser("urn:redis"), redisUser("urn:other")],
      PostgreSQL: [
        stackResource(TYPES.databaseRights, "urn:roles", {
          ...administrator,
          roles: {},
        }),
      ],
    };
    for (const [name, resources] of Object.entries(servers)) {
      const report = await findDrift(resources);
      const unanswered = [`${name} at 127.0.0.1:${port}`];
      assert.deepStrictEqual(report, { found: [], unanswered }, name);
    }
  });
});

describe("drift", () => {
  const found = [
    { urn: "urn:a", sentence: "topic a: missing" },
    { urn: "urn:a", sentence: "topic a: worse" },
    { urn: "urn:b", sentence: "topic b: missing" },
    { sentence: "Kafka API: refused", advice: "Do this." },
  ];

  it("is printed with one line each, and not at all where there is none", () => {
    assert.deepStrictEqual(driftLines([], false), []);
    assert.deepStrictEqual(driftLines(found.slice(0, 1), false), [
      "Drift that up fixes:",
      "  topic a: missing",
    ]);
    assert.deepStrictEqual(driftLines(found.slice(2), true), [
      "Fixing drift:",
      "  topic b: missing",
      "  Kafka API: refused",
    ]);
  });

  it("names each resource to refresh once, with those that live on it", () => {
    const role = { urn: "urn:role", sentence: "role: missing", refresh: ["urn:role", "urn:b"] };
    assert.deepStrictEqual(urnsToRefresh([...found, role]), ["urn:a", "urn:b", "urn:role"]);
  });

  it("is refused where an update must not fix it, or only with protection", () => {
    const lost = { urn: "urn:db", sentence: "database: missing", faultIfProtected: "Restore it." };
    const taken = { urn: "urn:net", sentence: "network: missing", fault: "Remove the other." };
    assert.deepStrictEqual(
      refusedDrift([...found, lost, taken], () => false),
      ["Remove the other."],
    );
    assert.deepStrictEqual(
      refusedDrift([lost, taken], (urn) => urn === "urn:db"),
      ["Restore it.", "Remove the other."],
    );
  });

  it("that remains after an update is reported with what to do", () => {
    assert.deepStrictEqual(remainingDrift(found.slice(2)), [
      "Drift that up could not fix: topic b: missing.",
      "Drift that up could not fix: Kafka API: refused. Do this.",
    ]);
  });
});
