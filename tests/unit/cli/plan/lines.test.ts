import assert from "node:assert/strict";

import { copyLines, outageLines, pendingFileLines, planLines } from "../../../../cli/plan/lines";
import type { Action, PlannedContainer, PlannedMigrations } from "../../../../cli/plan/plan";
import { TYPES } from "../../support/mocks";
import { planOf } from "../support/plan";

describe("the summary of a plan", () => {
  const topic = { type: TYPES.topic, name: "a", old: {}, now: {} };

  it("counts what changes and what stays", () => {
    const plan = planOf({ ...topic, op: "update" }, { ...topic, op: "same" });
    assert.deepStrictEqual(planLines("dev", plan, []), [
      "Plan for stack dev: 1 to update, 1 unchanged",
    ]);
  });

  it("names changes of protection, and what may lose its data", () => {
    const plan = planOf({ ...topic, op: "same", protect: { now: true } });
    assert.deepStrictEqual(planLines("dev", plan, ["old-events", "test-topic"]), [
      "Plan for stack dev: 1 unchanged",
      "The protection of 1 resources changes",
      "allowDataLoss lets these lose their data: old-events, test-topic",
    ]);
  });
});

describe("the outages of an update", () => {
  const container = (service: string, action: Action, keptVolumes: string[]): PlannedContainer => ({
    ...{ action, service, name: `lp-${service}`, ports: [], memoryMb: 0, keptVolumes },
  });
  const isDown = "is down until the new one is healthy";

  it("name each replaced container, with the volume that keeps its data", () => {
    assert.deepEqual(outageLines([container("postgres", "replace", ["lp-data"])]), [
      `Replaces the container lp-postgres: PostgreSQL ${isDown}; its data stays in the volume lp-data.`,
    ]);
  });

  it("name the volume that a container has instead of the one before", () => {
    const moved = { ...container("postgres", "replace", ["lp-wal"]), otherVolumes: ["lp-17-data"] };
    assert.deepEqual(outageLines([moved]), [
      `Replaces the container lp-postgres: PostgreSQL ${isDown}; its data is then in the volume lp-17-data.`,
    ]);
  });

  it("say that a container without a volume keeps no data", () => {
    assert.deepEqual(outageLines([container("redpanda-console", "replace", [])]), [
      `Replaces the container lp-redpanda-console: Redpanda Console ${isDown}; it keeps no data.`,
    ]);
  });

  it("are none where a container is created, updated in place or left alone", () => {
    const containers = (["create", "update", "none", "delete"] as const).map((action) =>
      container("redis", action, []),
    );
    assert.deepEqual(outageLines(containers), []);
  });
});

describe("the copies of topics", () => {
  const topic = (name: string, action: Action, before?: string, after?: string) => ({
    ...{ action, name },
    changes: [{ setting: "replicationFactor", before, after }],
  });

  it("are one line for all topics that get more of them in place", () => {
    const raised = topic("a", "update", "1", "3");
    const stay = "the messages stay, and services go on meanwhile.";
    assert.deepEqual(copyLines([raised]), [`Makes 3 copies of topic a: ${stay}`]);
    assert.deepEqual(copyLines([raised, { ...raised, name: "b" }]), [
      `Makes 3 copies of 2 topics: ${stay}`,
    ]);
  });

  it("are no line where a topic is new, recreated, or changes in something else", () => {
    const others = [
      topic("a", "create", undefined, "3"),
      topic("b", "replace", "1", "3"),
      topic("c", "update", "3", "1"),
      { ...topic("d", "update"), changes: [{ setting: "retention.ms", before: "1", after: "2" }] },
    ];
    assert.deepEqual(copyLines(others), []);
  });
});

describe("the pending files of a plan", () => {
  const hash = "0123456789abcdef".repeat(4);
  const migrations = (
    database: string,
    isNew: boolean,
    pending: PlannedMigrations["pending"],
  ): PlannedMigrations => ({
    ...{ database, directory: `sql/${database}`, isNew, versioned: 1, repeatable: 0, pending },
  });

  it("are listed by name and the start of the hash, below their database", () => {
    assert.deepStrictEqual(
      pendingFileLines([
        migrations("content_service_db", true, [{ name: "0001_a.sql", checksum: hash }]),
        // A new password changes a database's migrations, too, and runs no file.
        migrations("payment_service_db", false, []),
        migrations("user_service_db", false, [{ name: "0003_c.sql", checksum: hash }]),
      ]),
      [
        "Migrations to run on content_service_db, a new database:",
        "  0001_a.sql  sha256:0123456789ab",
        "Migrations to run on user_service_db:",
        "  0003_c.sql  sha256:0123456789ab",
      ],
    );
  });
});
