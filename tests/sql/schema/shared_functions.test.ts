import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { UPKEEP } from "../queries/upkeep";
import { type DatabaseName, DATABASES, SQL_ROOT } from "../support/databases";
import { CONTRACT } from "./contract";

/** A statement that defines or describes a function, and the file that holds it. */
interface Statement {
  file: string;
  lines: string[];
}

const STATEMENTS = [
  /^create (?:or replace )?function (\w+)\([\s\S]*?^\$\$;$/gm,
  /^comment on function (\w+)\([\s\S]*?';$/gm,
];

/** The statements of a database's SQL by their kind and function, for instance "comment is_blank". */
function functionStatements(database: DatabaseName): Map<string, Statement> {
  const folder = path.join(SQL_ROOT, database);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const found = new Map<string, Statement>();
  for (const file of files.filter((name) => name.endsWith(".sql"))) {
    const text = readFileSync(path.join(folder, file), "utf8");
    for (const pattern of STATEMENTS) {
      for (const [statement, name] of text.matchAll(pattern)) {
        const key = `${statement.split(" ", 1)[0]} ${name}`;
        assert.ok(!found.has(key), `${database} has two statements "${key} ..."`);
        found.set(key, { file: `sql/${database}/${file}`, lines: statement.split("\n") });
      }
    }
  }
  return found;
}

/** Both places and the first line that differs; undefined when the statements are the same. */
function difference(one: Statement, other: Statement): string | undefined {
  const last = Math.max(one.lines.length, other.lines.length);
  for (let at = 0; at < last; at++) {
    if (one.lines[at] !== other.lines[at]) {
      return [one, other].map(({ file, lines }) => `${file}: ${lines[at] ?? "(ends)"}`).join("\n");
    }
  }
  return undefined;
}

describe("functions that several databases share", () => {
  const statements = new Map(DATABASES.map((name) => [name, functionStatements(name)]));

  it("are read from the SQL files, as are all other functions", () => {
    for (const [database, found] of statements) {
      const expected = [
        ...CONTRACT[database].functions,
        "check_batch",
        ...UPKEEP[database].map(({ name }) => name),
      ];
      const keys = expected.flatMap((name) => [`comment ${name}`, `create ${name}`]);
      assert.deepEqual([...found.keys()].sort(), keys.sort(), database);
    }
  });

  it("are the same in every database", () => {
    const first = new Map<string, Statement>();
    const shared = new Set<string>();
    const differences: string[] = [];
    for (const found of statements.values()) {
      for (const [key, statement] of found) {
        const known = first.get(key);
        if (known) {
          shared.add(key);
          differences.push(difference(known, statement) ?? "");
        } else {
          first.set(key, statement);
        }
      }
    }
    const names = ["check_batch", "is_blank", "update_updated_at_column"];
    assert.deepEqual(
      [...shared].sort(),
      ["comment", "create"].flatMap((kind) => names.map((name) => `${kind} ${name}`)),
    );
    assert.deepEqual(differences.filter(Boolean), []);
  });
});
