import assert from "node:assert/strict";

import { statusLines } from "../../../../cli/status/lines";
import { nextSteps } from "../../../../cli/status/next-steps";
import type { Status } from "../../../../cli/status/status";
import type { MigrationStatus } from "../../../../migrator";
import { running } from "../support/docker";
import { ledgerOf } from "../support/ledger";

const POSTGRES = { ...running("lp-postgres", 5432), role: "postgres" };

/** A stack in order, but for what is given. */
const statusOf = (more: Partial<Status> = {}): Status => ({
  stack: "dev",
  exists: true,
  configuration: [],
  staleLocks: [],
  pendingOperations: 0,
  isComplete: true,
  dockerAnswers: true,
  engineIsThere: true,
  accessPoints: { postgres: { address: "localhost:5432", container: "lp-postgres" } },
  containers: [POSTGRES],
  ledgers: [ledgerOf("user_service_db", {})],
  replicas: [],
  drift: [],
  unanswered: [],
  ...more,
});

const pending = [{ name: "0009_add.sql" }] as unknown as MigrationStatus["pending"];
const faults = [{ kind: "gap", name: "0003_x.sql" }] as unknown as MigrationStatus["faults"];

const CASES: [title: string, more: Partial<Status>, headline: string, commands: string[]][] = [
  ["in order", {}, "runs 1 of 1 containers; nothing is pending, nothing was changed by hand", []],
  ["that does not exist", { exists: false, containers: [] }, "does not exist", ["npm run up"]],
  [
    "whose state is lost",
    { exists: false },
    "does not exist here, but Docker has 1 containers with its name",
    ["npm run doctor"],
  ],
  [
    "that another command changes",
    { changedBy: '"npm run up" (process 7)', pendingOperations: 3, isComplete: false },
    'is being changed by "npm run up" (process 7)',
    ["npm run status"],
  ],
  [
    "without Docker",
    { dockerAnswers: false, containers: [] },
    "has containers, and no Docker Engine answers",
    ["npm run doctor"],
  ],
  [
    "half made by a killed run",
    { pendingOperations: 2, staleLocks: ["process 7"] },
    "is half made: the last run was interrupted while it made 2 resources",
    ["npm run preview", "npm run up"],
  ],
  [
    "half made by a failed run",
    { isComplete: false },
    "is half made: no update of it has ended",
    ["npm run preview", "npm run up"],
  ],
  [
    "with a container that is not healthy",
    { containers: [{ ...POSTGRES, health: "unhealthy" }] },
    "runs 0 of 1 containers; 1 container is not healthy",
    ["npm run logs -- postgres --tail 50"],
  ],
  [
    "with a pending migration",
    { ledgers: [ledgerOf("user_service_db", { pending })] },
    "runs 1 of 1 containers; 1 migration is pending",
    ["npm run preview", "npm run up"],
  ],
  [
    "that was changed by hand",
    { drift: [{ sentence: "topic x: missing" }] },
    "runs 1 of 1 containers; 1 thing was changed by hand",
    ["npm run preview", "npm run up"],
  ],
  [
    "with a change by hand that up does not undo",
    { drift: [{ sentence: "network x: missing", fault: "Remove the other network." }] },
    "runs 1 of 1 containers; 1 thing was changed by hand",
    [],
  ],
  [
    "with a database that does not answer",
    { ledgers: [ledgerOf("user_service_db")], unanswered: [] },
    "runs 1 of 1 containers; 1 server does not answer",
    ["npm run doctor"],
  ],
  [
    "whose backups are as they should be",
    { lastBackup: { at: "2026-11-27T11:53:00.000Z", isLate: false } },
    "runs 1 of 1 containers; nothing is pending, nothing was changed by hand",
    [],
  ],
  [
    "whose last good backup is too old",
    { lastBackup: { at: "2026-11-27T11:53:00.000Z", isLate: true } },
    "runs 1 of 1 containers; last good backup 2026-11-27T11:53:00.000Z, which is too long ago",
    ["npm run backup"],
  ],
  [
    "on servers that exist",
    { dockerAnswers: undefined, containers: [], accessPoints: { kafka: { address: "k:9092" } } },
    "uses servers that exist; nothing is pending, nothing was changed by hand",
    [],
  ],
  [
    "without the engine",
    { engineIsThere: false, ledgers: [] },
    "runs 1 of 1 containers; without the Pulumi engine, databases and topics were not asked",
    ["npm run doctor"],
  ],
  [
    "with faults in its configuration",
    { configuration: ["learning-platform:x is unknown"] },
    "runs 1 of 1 containers; nothing is pending, nothing was changed by hand",
    ["npm run doctor"],
  ],
];

describe("the status of a stack", () => {
  for (const [title, more, headline, commands] of CASES) {
    it(`${title} says so, and what to do`, () => {
      const status = statusOf(more);
      const steps = nextSteps(status);
      assert.equal(statusLines(status, steps)[0], `Stack dev ${headline}.`);
      assert.deepEqual(
        steps.map(({ command }) => command),
        commands,
      );
    });
  }

  it("names the stack in each command unless it is the default", () => {
    const [step] = nextSteps(statusOf({ stack: "pr-7", exists: false, containers: [] }));
    assert.equal(step.command, "npm run up -- --stack pr-7");
  });

  it("leaves to a person what up refuses", () => {
    const [step] = nextSteps(statusOf({ ledgers: [ledgerOf("user_service_db", { faults })] }));
    assert.equal(step.command, "npm run migrations -- status user_service_db");
  });

  it("shows addresses, ledgers, changes by hand and the next steps on one screen", () => {
    const status = statusOf({
      drift: [{ sentence: "topic x: missing" }],
      unanswered: ["Kafka API at localhost:19092"],
    });
    const lines = statusLines(status, nextSteps(status));
    const text = lines.join("\n");
    assert.match(text, /PostgreSQL +localhost:5432 +healthy +lp-postgres/);
    assert.match(text, /user_service_db +ready/);
    assert.match(text, /Changed by hand:\n {2}topic x: missing/);
    assert.match(text, /No answer from:\n {2}Kafka API at localhost:19092/);
    assert.match(text, /Next:\n {2}npm run doctor +servers do not answer/);
    assert.ok(lines.length < 40, `${lines.length} lines`);
  });
});
