import assert from "node:assert/strict";

import { indexOfPosition, lineAndColumn, snippetLines } from "../../../migrator/position";
import { controlsTransaction, scan } from "../../../migrator/scan";

describe("splitting SQL into statements", () => {
  const cases: [title: string, sql: string, heads: string[]][] = [
    ["plain statements", "select 1; select 2", ["select", "select"]],
    ["empty ones", ";;select 1;;", ["select"]],
    ["strings", "select ';', 'it''s;'; values (1)", ["select", "values"]],
    ["a backslash in a plain string", "select '\\'; values (1)", ["select", "values"]],
    ["escapes in an E string", "select E'\\';', e'\\\\'; values (1)", ["select", "values"]],
    ["a continued E string", "select E'a'\n  'b\\';'; values (1)", ["select", "values"]],
    [
      "a continued E string over a comment",
      "select E'a' -- c'\n '\\';'; values (1)",
      ["select", "values"],
    ],
    ["a name that ends in e before a string", "select date'\\'; values (1)", ["select", "values"]],
    ["quoted names", 'select "a;""b"; values (1)', ["select", "values"]],
    ["dollar quotes", "do $$ begin; $x$ end; $$; values (1)", ["do", "values"]],
    ["tagged dollar quotes", "do $ä1$ $$;$$ $ä1$; values (1)", ["do", "values"]],
    ["dollars in names and parameters", "select a$b$c, $1; values (1)", ["select", "values"]],
    ["nested comments", "/* a /* ; */ ' */ select 1; values (1)", ["select", "values"]],
    ["line comments", "-- it's;\nselect 1 --;\n; values (1)", ["select", "values"]],
    ["comments behind an operator", "select 1+-- 2;\n3; values (1)", ["select", "values"]],
    [
      "a rule's actions",
      "create rule r as on insert to t do also (select 1; select 2); values (1)",
      ["create", "values"],
    ],
    [
      "begin atomic",
      "create or replace function f() returns int begin atomic select case when a.end then 1 else 2 end as case; select 2; end; values (1)",
      ["create", "values"],
    ],
    [
      "names in begin atomic that are keywords elsewhere",
      "create function f() returns int begin atomic select 1 case; select 2 end; end; values (1)",
      ["create", "values"],
    ],
    [
      "a parameter that is called begin, of a type that is called atomic",
      "create function f(begin atomic) returns int language sql as 'select 1'; values (1)",
      ["create", "values"],
    ],
    [
      "an empty begin atomic",
      "create procedure p() begin atomic end; values (1)",
      ["create", "values"],
    ],
    [
      "begin in a plpgsql body",
      "create function f() returns int language plpgsql as 'begin; end'; values (1)",
      ["create", "values"],
    ],
  ];
  for (const [title, sql, heads] of cases) {
    it(`knows ${title}`, () => {
      const { statements, faults } = scan(sql);
      assert.deepEqual(
        statements.map(({ kind }) => kind.split(" ")[0]),
        heads,
      );
      assert.deepEqual(faults, []);
      assert.deepEqual(statements.filter(controlsTransaction), []);
    });
  }

  it("sees a commit behind a body with a column that is called case", () => {
    const { statements } = scan(
      "create function f() returns int begin atomic select 1 case; end; commit; select 2",
    );
    assert.deepEqual(
      statements.map(({ kind }) => kind.split(" ")[0]),
      ["create", "commit", "select"],
    );
  });

  it("keeps each statement's place, text and first words", () => {
    const sql =
      "-- first\nselect ';' /* ; */ ;\nCREATE INDEX concurrently i on \"T\" (a) -- last\n;";
    assert.deepEqual(scan(sql).statements, [
      { start: 9, text: "select ';'", kind: "select '" },
      {
        start: 30,
        text: 'CREATE INDEX concurrently i on "T" (a)',
        kind: 'create index concurrently i on "',
      },
    ]);
  });

  it("lets savepoints pass", () => {
    const { statements } = scan(
      "savepoint a; rollback to a; rollback work to savepoint a; release a; prepare q as select 1",
    );
    assert.equal(statements.length, 5);
    assert.deepEqual(statements.filter(controlsTransaction), []);
  });
});

describe("places in a text", () => {
  it("are counted in characters, as the server counts them", () => {
    const sql = "-- 😀😀 ä\nselect '😀', x";
    const index = indexOfPosition(sql, 21);
    assert.equal(sql[index], "x");
    assert.deepEqual(lineAndColumn(sql, index), { line: 2, column: 13 });
  });

  const places: [title: string, sql: string, column: number, lines: string[]][] = [
    ["a short line", "select x", 8, ["2 | select x", "  |        ^"]],
    ["tabs, which stay tabs", "\tselect\tx", 9, ["2 | \tselect\tx", "  | \t      \t^"]],
    ["its first column", "selec", 1, ["2 | selec", "  | ^"]],
    [
      "the end of a long line",
      `${"a".repeat(150)}b`,
      151,
      [`2 | …${"a".repeat(99)}b`, `  | ${" ".repeat(100)}^`],
    ],
    ["the start of a long line", `b${"a".repeat(150)}`, 1, [`2 | b${"a".repeat(99)}…`, "  | ^"]],
  ];
  for (const [title, text, column, lines] of places) {
    it(`are shown by a caret under ${title}`, () => {
      assert.deepEqual(snippetLines(`\n${text}\nselect 2`, { line: 2, column }), lines);
    });
  }
});
