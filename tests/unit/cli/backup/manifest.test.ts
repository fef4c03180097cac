import assert from "node:assert/strict";

import {
  factDifferences,
  FORMAT,
  type Manifest,
  parseManifest,
} from "../../../../cli/backup/manifest";

const SHA = "0".repeat(64);

const manifestOf = (more: Partial<Manifest> = {}): Manifest => ({
  format: FORMAT,
  project: "learning-platform",
  stack: "dev",
  createdAt: "2026-11-27T11:53:00.000Z",
  servers: { postgres: "16.4" },
  services: {
    "user-service": {
      database: {
        ...{ name: "user_service_db", owner: "user_service_owner", roles: ["user_service_owner"] },
        ...{ file: "user-service.dump.age", tables: {}, objects: {}, ledger: {} },
      },
      sessions: { file: "user-service.sessions.age", keys: 0 },
    },
  },
  state: "stack.state.age",
  files: Object.fromEntries(
    ["user-service.dump.age", "user-service.sessions.age", "stack.state.age"].map((file) => [
      file,
      { bytes: 1, sha256: SHA },
    ]),
  ),
  ...more,
});

const parse = (value: unknown) => parseManifest(JSON.stringify(value), "there");

describe("The manifest of a backup", () => {
  it("is read as it was written", () => {
    assert.deepEqual(parse(manifestOf()), manifestOf());
  });

  const { files } = manifestOf();
  const REFUSED: [what: string, value: unknown, message: RegExp][] = [
    ["no object", [], /is damaged/],
    ["cut off", undefined, /is damaged/],
    ["a newer format", manifestOf({ format: FORMAT + 1, commit: "abc" }), /\(commit abc\)/],
    ["another project", manifestOf({ project: "x" }), /is one of the project x/],
    ["no stack", manifestOf({ stack: "" }), /is damaged/],
    ["no time", manifestOf({ createdAt: "yesterday" }), /is damaged/],
    [
      "a name that leads out of its folder",
      manifestOf({ files: { ...files, "../../x.dump.age": { bytes: 1, sha256: SHA } } }),
      /is damaged/,
    ],
    [
      "a file without its hash",
      manifestOf({ files: { ...files, "stack.state.age": { bytes: 1, sha256: "x" } } }),
      /is damaged/,
    ],
    ["a part without its file", manifestOf({ state: "other.state.age" }), /is damaged/],
    ["a service without a database", manifestOf({ services: { a: {} } as never }), /is damaged/],
  ];
  for (const [what, value, message] of REFUSED) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => parse(value ?? null), message);
    });
  }
  it("is refused where it is no JSON", () => {
    assert.throws(() => parseManifest('{"format": 1', "there"), /there is damaged/);
  });
});

describe("A restored database", () => {
  const facts = {
    tables: { "public.users": { rows: 2, digest: "7" } },
    objects: { tables: 1 },
    ledger: { "0001_a.sql": SHA },
  };

  it("is as it was where nothing differs", () => {
    assert.deepEqual(factDifferences(facts, structuredClone(facts)), []);
  });

  it("differs by rows, by their content, by objects and by migrations", () => {
    const found = {
      tables: { "public.users": { rows: 2, digest: "8" }, "public.b": { rows: 0, digest: "0" } },
      objects: { tables: 2 },
      ledger: {},
    };
    assert.deepEqual(factDifferences(facts, found), [
      "table public.b: 0 rows (digest 0), not none",
      "table public.users: 2 rows (digest 8), not 2 rows (digest 7)",
      "number of objects, tables: 2, not 1",
      "migration 0001_a.sql: none, not 000000000000",
    ]);
  });
});
