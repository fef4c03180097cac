import assert from "node:assert/strict";

import { judgeConnections } from "../../../../cli/verify/connections";
import { judgeMigrations, judgeTables } from "../../../../cli/verify/databases";
import { compared, right, unknown, wrong } from "../../../../cli/verify/finding";
import { judgeRoutines, parseProbes, runProbes } from "../../../../cli/verify/routines";
import type { Catalogue, MigrationStatus } from "../../../../migrator";

/** A catalogue of these objects: a title, and for what belongs to a table the table; or a trigger's definition. */
function catalogueOf(
  ...objects: [kind: string, name: string, partOf?: string, definition?: string][]
): Catalogue {
  return new Map(
    objects.map(([kind, name, partOf = null, definition = ""]) => {
      const title =
        kind === "trigger"
          ? `trigger ${name} on ${partOf?.replace("table ", "")}`
          : `${kind} ${name}`;
      return [title, { kind, name, partOf, definition }];
    }),
  );
}

const users = [
  ["table", "users"],
  ["column", "users.id", "table users"],
  ["column", "users.email", "table users"],
] as const;

const ready = { database: "db", state: "ready" } as const;

describe("the tables of a database", () => {
  it("are right where the number of columns is that of the migrations", () => {
    const catalogue = catalogueOf(...users.map((each): [string, string, string?] => [...each]), [
      "view",
      "v",
    ]);
    assert.deepStrictEqual(judgeTables(ready, { expected: catalogue, found: catalogue }), [
      right("database db", "1 table"),
      right("table db.users", "2 columns"),
    ]);
  });

  it("are wrong with another number of columns, missing, or not from a migration", () => {
    const expected = catalogueOf(
      ["table", "users"],
      ["column", "users.id", "table users"],
      ["table", "gone"],
    );
    const found = catalogueOf(
      ["table", "users"],
      ["table", "extra"],
      ["column", "extra.id", "table extra"],
    );
    assert.deepStrictEqual(judgeTables(ready, { expected, found }), [
      right("database db", "2 tables"),
      wrong("table db.extra", "1 column", "no such table"),
      wrong("table db.gone", "missing", "0 columns"),
      wrong("table db.users", "0 columns", "1 column"),
    ]);
  });

  it("are wrong without a database, and unknown where nothing says what it should hold", () => {
    const missing = { database: "db", state: "no-database" } as const;
    assert.deepStrictEqual(judgeTables(missing, undefined), [
      wrong("database db", "missing", "there"),
    ]);
    const [{ verdict }] = judgeTables(ready, undefined);
    assert.strictEqual(verdict, "unknown");
  });
});

describe("the migrations of a database", () => {
  const status: MigrationStatus = {
    ...{ database: "db", state: "ready", drift: [], rights: [] },
    applied: [{ name: "0001_a.sql", checksum: "", finishedAt: "", durationMs: 1 }],
    ...{ pending: [], repeatables: [], changed: [], renamed: [], missing: [], outOfOrder: [] },
    ...{ unfinished: [], faults: [] },
  };
  const verdicts = (of: Partial<MigrationStatus>, versioned = 1) =>
    judgeMigrations(
      { ...status, ...of },
      { versioned: Array(versioned), repeatable: Array(2) },
    ).map(({ verdict, found }) => [verdict, found]);

  it("are right where each file ran and nothing was changed", () => {
    assert.deepStrictEqual(verdicts({}), [
      ["right", "1 of 1"],
      ["right", "2 of 2"],
      ["right", "none"],
    ]);
  });

  it("are wrong where a file has not run", () => {
    assert.deepStrictEqual(verdicts({}, 2)[0], ["wrong", "1 of 2"]);
  });

  it("are wrong where a file that ran was edited", () => {
    const faults = [{ file: "0001_a.sql", message: "was edited" }];
    assert.deepStrictEqual(verdicts({ faults })[2], ["wrong", "0001_a.sql  was edited"]);
  });

  it("are unknown while they run, and where no snapshot tells what was changed", () => {
    const holder = { pid: 1 } as unknown as MigrationStatus["holder"];
    assert.deepStrictEqual(verdicts({ holder })[0], ["unknown", "being migrated now"]);
    assert.strictEqual(verdicts({ drift: undefined })[2][0], "unknown");
  });
});

describe("the probes of functions and triggers", () => {
  it("begin with a line that names the object", () => {
    const probes = parseProbes(
      "-- about\n\n-- probe: function a()\nselect 1;\nselect true;\n-- probe: trigger t on u\nselect false;\n",
    );
    assert.deepStrictEqual(
      [...probes].map(([title, sql]) => [title, sql.trim()]),
      [
        ["function a()", "select 1;\nselect true;"],
        ["trigger t on u", "select false;"],
      ],
    );
  });

  it("are each rolled back, also after an error", async () => {
    const asked: string[] = [];
    const query = (sql: string) => {
      asked.push(sql);
      return sql.endsWith("fail")
        ? Promise.reject(Object.assign(new Error("raised"), { code: "P0001" }))
        : Promise.resolve([{ rows: [] }, { rows: [{ right: sql.endsWith("yes") }] }]);
    };
    const outcomes = await runProbes(
      query,
      new Map([
        ["a", "fail"],
        ["b", "no"],
        ["c", "yes"],
      ]),
    );
    assert.deepStrictEqual(
      [...outcomes.values()].map(({ verdict }) => verdict),
      ["wrong", "wrong", "right"],
    );
    assert.deepStrictEqual(
      asked.map((sql) => sql.replace(/;.*;/, "")),
      [...["begin fail", "rollback", "begin no", "rollback", "begin yes", "rollback"]],
    );
  });

  it("run again where a busy server stopped them, up to three times", async () => {
    const slow = Object.assign(new Error("canceling statement due to statement timeout"), {
      code: "57014",
    });
    let asked: string[] = [];
    const outcomeAfter = async (stopped: number) => {
      asked = [];
      const query = (sql: string) => {
        asked.push(sql.replace(/;.*;/, ""));
        return sql !== "rollback" && asked.length <= stopped * 2
          ? Promise.reject(slow)
          : Promise.resolve([{ rows: [{ right: true }] }]);
      };
      return (await runProbes(query, new Map([["a", "select"]]))).get("a");
    };
    assert.deepStrictEqual(await outcomeAfter(2), { verdict: "right", found: "works" });
    assert.deepStrictEqual(
      asked,
      [1, 2, 3].flatMap(() => ["begin select", "rollback"]),
    );
    assert.deepStrictEqual(await outcomeAfter(3), { verdict: "unknown", found: slow.message });
    assert.strictEqual(asked.length, 6);
  });

  const works = { verdict: "right", found: "works" } as const;
  const fails = { verdict: "wrong", found: "fails" } as const;
  const trigger = (name: string) =>
    ["trigger", name, "table users", "CREATE TRIGGER x EXECUTE FUNCTION public.touch()"] as [
      string,
      string,
      string,
      string,
    ];
  const both = catalogueOf(
    ["function", "touch()"],
    ["function", "helper(a text)"],
    trigger("a"),
    trigger("b"),
  );

  const judge = (
    outcomes: [string, typeof works | typeof fails][],
    found = both,
    expected = both,
  ) => judgeRoutines("db", "sql/db.probes.sql", { expected, found }, new Map(outcomes));

  it("tell of a function that only triggers call what they tell of the triggers", () => {
    const helper: [string, typeof works] = ["function helper(a text)", works];
    assert.deepStrictEqual(
      judge([helper, ["trigger a on users", works], ["trigger b on users", works]]),
      [
        right("db: function helper(a text)", "works"),
        right("db: function touch()", "by its 2 triggers"),
        right("db: trigger a on users", "works"),
        right("db: trigger b on users", "works"),
      ],
    );
    const [, touch] = judge([helper, ["trigger a on users", works], ["trigger b on users", fails]]);
    assert.strictEqual(touch.verdict, "wrong");
  });

  it("leave unknown what has none, and the function of a trigger that has none", () => {
    const found = judge([["trigger a on users", works]]);
    const missing = "not tried: sql/db.probes.sql has no probe of it";
    assert.deepStrictEqual(found, [
      unknown("db: function helper(a text)", missing),
      { what: "db: function touch()", verdict: "unknown", found: "by its 2 triggers" },
      right("db: trigger a on users", "works"),
      unknown("db: trigger b on users", missing),
    ]);
  });

  it("find wrong what is missing, and unknown what no migration creates", () => {
    const found = judge(
      [["trigger c on users", fails]],
      catalogueOf(),
      catalogueOf(["function", "touch()"]),
    );
    assert.deepStrictEqual(found, [
      wrong("db: function touch()", "missing", "there"),
      unknown("db: trigger c on users", "no such object; sql/db.probes.sql has a probe of it"),
    ]);
  });

  it("tell nothing where nothing says what the database should hold", () => {
    const [{ verdict }] = judgeRoutines("db", "file", undefined, new Map([["a", works]]));
    assert.strictEqual(verdict, "unknown");
  });
});

describe("the connections of a role", () => {
  const cases: [used: number, allowed: number, verdict: string, found: string][] = [
    [3, 40, "right", "3 of 40"],
    [40, 40, "wrong", "40 of 40: none is left"],
    [7, -1, "right", "7 of any number"],
  ];
  for (const [used, allowed, verdict, found] of cases) {
    it(`are ${verdict} with ${found}`, () =>
      assert.deepStrictEqual(judgeConnections({ role: "app", used, allowed }), {
        ...{ what: "connections of app", verdict, found },
      }));
  }
});

describe("what was found and expected", () => {
  it("is right where both are the same, and names both where not", () => {
    assert.deepStrictEqual(compared("a", "1", "1"), { what: "a", verdict: "right", found: "1" });
    assert.deepStrictEqual(compared("a", "1", "2"), {
      ...{ what: "a", verdict: "wrong", found: "1", expected: "2" },
    });
  });
});
