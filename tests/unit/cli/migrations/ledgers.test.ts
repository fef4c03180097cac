import assert from "node:assert/strict";

import {
  ledgerNotes,
  ledgerTable,
  plannedLedgerTable,
} from "../../../../cli/migrations/ledger-lines";
import {
  isInOrder,
  type Ledger,
  ledgersBehind,
  ledgerTargets,
} from "../../../../cli/migrations/ledgers";
import type { OpenStack } from "../../../../cli/stack/stack";
import { readResources } from "../../../../cli/stack/state";
import type { MigrationStatus } from "../../../../migrator";
import { TYPES } from "../../support/mocks";
import { metadata, type Step } from "../support/events";
import { planOf } from "../support/plan";

const step = (op: Step["op"], database: string): Step => ({
  op,
  type: TYPES.migrations,
  name: database,
  now: {
    database,
    versioned: { "0001_a.sql": "a", "0002_b.sql": "b" },
    repeatable: { "r.sql": "r" },
  },
});

const urnOf = (database: string) => metadata(step("same", database)).urn;

const IN_ORDER: MigrationStatus = {
  database: "",
  state: "ready",
  applied: [{ name: "0001_a.sql", checksum: "a", finishedAt: "", durationMs: 1 }],
  pending: [],
  repeatables: [],
  changed: [],
  missing: [],
  outOfOrder: [],
  unfinished: [],
  faults: [],
  drift: [],
  rights: [],
  renamed: [],
};

const file = {
  name: "0002_b.sql",
  path: "",
  checksum: "b",
  sql: "",
  statements: [],
  comments: [],
  transactional: true,
};
const extra = {
  object: "table notes",
  state: "extra" as const,
  found: { kind: "table", name: "notes", partOf: null, definition: "" },
};

function ledger(database: string, status?: Partial<MigrationStatus>, error?: string): Ledger {
  return {
    urn: urnOf(database),
    inputs: { database } as Ledger["inputs"],
    files: { versioned: [], repeatable: [] },
    status: status && { ...IN_ORDER, database, ...status },
    error,
  };
}

/** Cells of a row of a table. */
const cells = (line: string | undefined) => line?.trim().split(/ {2,}/);

describe("a table of ledgers", () => {
  const rows: [title: string, ledger: Ledger, row: string[]][] = [
    ["one in order", ledger("a", {}), ["a", "ready", "1", "0", "0", "0", "0", "0"]],
    [
      "what would run and what is wrong",
      ledger("a", {
        pending: [file],
        repeatables: [{ file, reason: "changed" }],
        changed: [{ name: "x", recorded: "", current: "" }],
        missing: ["y", "z"],
        drift: [extra],
      }),
      ["a", "ready", "1", "1", "1", "2", "1", "1"],
    ],
    [
      "a database without a ledger: all files",
      ledger("a", { state: "no-ledger", applied: [], pending: [file], drift: undefined }),
      ["a", "no ledger yet", "0", "all 1", "0", "0", "all 0", "0"],
    ],
    [
      "that changes by hand are unknown",
      ledger("a", { drift: undefined }),
      ["a", "ready", "1", "0", "0", "0", "0", "unknown"],
    ],
    [
      "an unfinished statement",
      ledger("a", { unfinished: [{ name: "x", startedAt: "" }] }),
      ["a", "unfinished", "1", "0", "0", "0", "0", "0"],
    ],
    [
      "a running migration",
      ledger("a", { holder: { pid: 1, applicationName: "" } }),
      ["a", "being migrated", "1", "0", "0", "0", "0", "0"],
    ],
    [
      "a database that does not answer",
      ledger("a", undefined, "cannot connect"),
      ["a", "no answer", "?", "?", "?", "?", "?", "?"],
    ],
  ];
  for (const [title, entry, row] of rows) {
    it(`shows ${title}`, () => {
      assert.deepStrictEqual(cells(ledgerTable([entry]).at(-1)), row);
    });
  }

  it("of a plan shows the ledger where there is one, and otherwise every file", () => {
    const plan = planOf(step("create", "new_db"), step("same", "old_db"));
    const lines = plannedLedgerTable(plan, [ledger("old_db", {})]);
    assert.deepStrictEqual(lines.slice(2).map(cells), [
      ["new_db", "not created", "0", "all 2", "0", "0", "all 1", "0"],
      ["old_db", "ready", "1", "0", "0", "0", "0", "0"],
    ]);
  });

  it("of a plan without databases is empty", () => {
    assert.deepStrictEqual(plannedLedgerTable(planOf(), []), []);
  });
});

const publicRight = {
  object: "grant on table users to public",
  state: "extra" as const,
  expected: "",
  found: "SELECT",
  statement: "revoke all on table users from public",
};

describe("the notes on ledgers", () => {
  it("name rights that are not as designed, with the SQL that restores them", () => {
    assert.deepStrictEqual(ledgerNotes([ledger("a", { rights: [publicRight] })]), [
      "a: grant on table users to public should be none, but is SELECT. The next up fixes it if the owner may; otherwise an administrator must run: revoke all on table users from public.",
    ]);
  });

  it("name what was changed by hand, and databases that do not answer", () => {
    assert.deepStrictEqual(
      ledgerNotes([ledger("a", { drift: [extra] }), ledger("b", undefined, "cannot connect")]),
      [
        "a: table notes is not from a migration. Accept it by a repair (--accept-drift), or drop it in a migration.",
        "b: cannot connect",
      ],
    );
  });
});

describe("a ledger", () => {
  it("is in order where nothing would run, nothing is refused, and nothing was changed by hand", () => {
    assert.strictEqual(isInOrder(ledger("a", {})), true);
    for (const status of [
      { pending: [file] },
      { repeatables: [{ file, reason: "new" as const }] },
      { faults: [{ file: "x", message: "y" }] },
      { drift: [extra] },
      { rights: [publicRight] },
      { drift: undefined },
    ]) {
      assert.strictEqual(isInOrder(ledger("a", status)), false, Object.keys(status)[0]);
    }
    assert.strictEqual(isInOrder(ledger("a", undefined, "cannot connect")), false);
  });

  const behind: [title: string, op: Step["op"], status: Partial<MigrationStatus>, is: boolean][] = [
    ["with files to run that the plan does not have is behind", "same", { pending: [file] }, true],
    [
      "with such repeatable files is behind, too",
      "same",
      { repeatables: [{ file, reason: "drift" }] },
      true,
    ],
    ["with rights to restore is behind, too", "same", { rights: [publicRight] }, true],
    ["without a snapshot is behind, too", "same", { drift: undefined }, true],
    [
      "without a snapshot that a run is about to take is not behind",
      "same",
      { drift: undefined, holder: { pid: 1, applicationName: "up", since: "" } },
      false,
    ],
    ["whose files the plan runs anyway is not behind", "update", { pending: [file] }, false],
    ["with nothing to run is not behind", "same", {}, false],
    [
      "of a missing database is not behind: the database is refreshed first",
      "same",
      { state: "no-database", pending: [file] },
      false,
    ],
  ];
  for (const [title, op, status, is] of behind) {
    it(title, () => {
      const entry = ledger("a", status);
      assert.deepStrictEqual(ledgersBehind(planOf(step(op, "a")), [entry]), is ? [entry] : []);
    });
  }
});

describe("the migrations in a stack's state", () => {
  it("are read with their passwords, in order of the databases, without leftovers of replacements", async () => {
    const resource = (database: string, more: object = {}) => ({
      urn: urnOf(database),
      type: TYPES.migrations,
      inputs: { database, port: 5432, password: { plaintext: JSON.stringify("pw") } },
      ...more,
    });
    const resources = [
      resource("b"),
      { urn: "u", type: TYPES.container, inputs: {} },
      resource("c", { delete: true }),
      resource("a"),
    ];
    const opened = {
      stack: { exportStack: () => Promise.resolve({ deployment: { resources } }) },
    } as unknown as OpenStack;
    assert.deepStrictEqual(ledgerTargets(await readResources(opened)), [
      { urn: urnOf("a"), inputs: { database: "a", port: 5432, password: "pw" } },
      { urn: urnOf("b"), inputs: { database: "b", port: 5432, password: "pw" } },
    ]);
  });

  it("are none in a stack that was never updated", async () => {
    const stack = { exportStack: () => Promise.resolve({ deployment: {} }) };
    assert.deepStrictEqual(
      ledgerTargets(await readResources({ stack } as unknown as OpenStack)),
      [],
    );
  });
});
