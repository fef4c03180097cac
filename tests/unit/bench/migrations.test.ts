import assert from "node:assert/strict";

import { generateFiles, LAYOUTS, tablesOf } from "../../../bench/migrations/files";
import { migrationsTable } from "../../../bench/migrations/table";

describe("the generated migrations", () => {
  it("create, change, describe and reference one table after another", () => {
    const files = generateFiles(6);
    assert.deepStrictEqual(
      files.map(({ name }) => name),
      [
        "create_orders_1",
        "add_note_to_orders_1",
        "describe_orders_1",
        "create_order_lines_1",
        "create_orders_2",
        "add_note_to_orders_2",
      ],
    );
    assert.strictEqual(tablesOf(files), 3);
  });

  const cases: [layout: keyof typeof LAYOUTS, name: string, text: string][] = [
    ["migrator", "0012_a.sql", "select 1;\n"],
    ["nodePgMigrate", "1700000000012_a.sql", "-- Up Migration\nselect 1;\n"],
    ["flyway", "V12__a.sql", "select 1;\n"],
    ["dbmate", "20240101000012_a.sql", "-- migrate:up\nselect 1;\n\n-- migrate:down\n"],
  ];
  for (const [layout, name, text] of cases) {
    it(`have the name and the markers that ${layout} wants`, () => {
      assert.deepStrictEqual(LAYOUTS[layout]({ name: "a", sql: "select 1;\n" }, 12), {
        name,
        text,
      });
    });
  }
});

describe("the table of migration tools", () => {
  it("has a row for each tool and two columns for each number of files", () => {
    const times = [
      { tool: "one", count: 40, apply: [3, 1, 2], status: [0.5] },
      { tool: "other", count: 40, apply: [4], status: [0.25] },
      { tool: "one", count: 500, apply: [9], status: [0.75] },
    ];
    const rows = migrationsTable(times)
      .split("\n")
      .map((line) => line.split("|").map((cell) => cell.trim()));
    assert.deepStrictEqual(
      [rows[0], ...rows.slice(2)].map((row) => row.slice(1, -1)),
      [
        ["tool", "apply 40, s", "status of 40, s", "apply 500, s", "status of 500, s"],
        [
          "one",
          "2.00 (1.00 to 3.00)",
          "0.50 (0.50 to 0.50)",
          "9.00 (9.00 to 9.00)",
          "0.75 (0.75 to 0.75)",
        ],
        ["other", "4.00 (4.00 to 4.00)", "0.25 (0.25 to 0.25)", "", ""],
      ],
    );
  });
});
