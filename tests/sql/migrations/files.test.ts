import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import path from "node:path";

import { formatFault, MigrationFilesError } from "../../../migrator/errors";
import { readMigrations } from "../../../migrator/files";
import { Contents, migrations, withFolder } from "./support";

const SOUND = { "0001_create_things.sql": "create table things ();\n" };

describe("reading a folder of migrations", () => {
  it("gives versioned files by number and repeatable ones by name, with the hash of their bytes", () => {
    const text = "create table ünïcode ();\n";
    const { versioned, repeatable } = migrations({
      "0002_b.sql": text,
      "0001_z.sql": "select 1;",
      "repeatable/20_a.sql": "select 1;",
      "repeatable/10_b.sql": "select 1;",
      ".0003_c.sql.swp": "an editor's",
    });
    assert.deepEqual(
      versioned.map(({ name, version }) => [name, version]),
      [
        ["0001_z.sql", "0001"],
        ["0002_b.sql", "0002"],
      ],
    );
    assert.equal(versioned[1]?.checksum, createHash("sha256").update(text).digest("hex"));
    assert.deepEqual(
      repeatable.map(({ name, version }) => [name, version]),
      [
        ["repeatable/10_b.sql", undefined],
        ["repeatable/20_a.sql", undefined],
      ],
    );
  });

  it("sees the mark of a statement that refuses a transaction", () => {
    const { versioned } = migrations({
      ...SOUND,
      "0002_index.sql":
        "-- Big table.\n--  migrate: no-transaction\ncreate index concurrently i on t (a);",
    });
    assert.deepEqual(
      versioned.map(({ transactional }) => transactional),
      [true, false],
    );
  });

  const refused: [title: string, contents: Contents, fault: RegExp][] = [
    [
      "a gap",
      { ...SOUND, "0003_c.sql": "select 1" },
      /^0003_c.sql  follows 0001_create_things.sql, but 0002 was expected/,
    ],
    [
      "a first number that is not 1",
      { "0002_b.sql": "select 1" },
      /^0002_b.sql  follows no file, but 0001 was expected/,
    ],
    [
      "a duplicate number",
      { ...SOUND, "0001_other.sql": "select 1" },
      /^0001_other.sql  has the same number as 0001_create_things.sql/,
    ],
    [
      "a name without a number",
      { ...SOUND, "notes.sql": "select 1" },
      /^notes.sql  is not a valid name for a migration; name it NNNN_verb_object.sql/,
    ],
    [
      "a file of another kind",
      { ...SOUND, "0002_b.sql~": "select 1" },
      /^0002_b.sql~  is not a valid name for a migration;/,
    ],
    [
      "a folder with a migration's name",
      { ...SOUND, "0002_b.sql/x": "" },
      /^0002_b.sql  is not a valid name for a migration;/,
    ],
    [
      "a repeatable file with a bad name",
      { ...SOUND, "repeatable/A.sql": "select 1" },
      /^repeatable.A.sql  is not a valid name for a repeatable migration;/,
    ],
    [
      "text that is not UTF-8",
      { "0001_a.sql": Buffer.from("select 1;\n-- caf\xe9", "latin1") },
      /^0001_a.sql:2  is not UTF-8 on this line/,
    ],
    [
      "a byte order mark",
      { "0001_a.sql": "\ufeffselect 1" },
      /^0001_a.sql:1:1  begins with a byte order mark/,
    ],
    ["a NUL", { "0001_a.sql": "select\n '\0'" }, /^0001_a.sql:2:3  contains a NUL/],
    [
      "CRLF line ends",
      { "0001_a.sql": "select 1;\r\n" },
      /^0001_a.sql:1:10  contains a carriage return, .* LF line endings/,
    ],
    ["an empty file", { "0001_a.sql": "" }, /^0001_a.sql  has no statement/],
    [
      "nothing but comments",
      { "0001_a.sql": "-- later\n/* perhaps */ ;;\n" },
      /^0001_a.sql  has no statement/,
    ],
    [
      "a string that is not closed",
      { "0001_a.sql": "select 1;\nselect 'a;" },
      /^0001_a.sql:2:8  the string that starts here is not closed/,
    ],
    [
      "a dollar quote that is not closed",
      { "0001_a.sql": "do $x$ begin end $y$;" },
      /^0001_a.sql:1:4  the dollar quote \$x\$ that starts here/,
    ],
    [
      "a comment that is not closed",
      { "0001_a.sql": "select 1; /* /* */" },
      /^0001_a.sql:1:11  the comment that starts here/,
    ],
    [
      "a psql command",
      { "0001_a.sql": "select 1;\n\\i other.sql\n" },
      /^0001_a.sql:2:1  "\\i other.sql" is a psql command/,
    ],
    [
      "an unknown mark",
      { "0001_a.sql": "-- migrate: notransaction\nselect 1" },
      /^0001_a.sql:1:1  "migrate: notransaction" is unknown/,
    ],
    [
      "a mark below the statement",
      { "0001_a.sql": "select 1;\n-- migrate: no-transaction\n" },
      /^0001_a.sql:2:1  .* must stand above the statement/,
    ],
    [
      "a mark in a repeatable file",
      { ...SOUND, "repeatable/a.sql": "-- migrate: no-transaction\nselect 1" },
      /^repeatable.a.sql:1:1  .* is for versioned files only/,
    ],
    [
      "two statements without a transaction",
      { "0001_a.sql": "-- migrate: no-transaction\nselect 1; select 2" },
      /^0001_a.sql  has 2 statements, but a file marked no-transaction must have exactly one/,
    ],
    ...["index", "unique index"].map((kind): [string, Contents, RegExp] => [
      `an ${kind} that may be there, invalid`,
      {
        "0001_a.sql": `-- migrate: no-transaction\ncreate ${kind} concurrently if not exists i on t (a)`,
      },
      /^0001_a.sql:2:1  would accept an invalid index that an interrupted build left/,
    ]),
    ...[
      "begin",
      "BEGIN isolation level serializable",
      "start transaction",
      "commit",
      "end",
      "abort",
      "rollback",
      "rollback and chain",
      "rollback work",
      "prepare transaction 'x'",
      "commit prepared 'x'",
    ].map((command): [string, Contents, RegExp] => [
      `its own ${command}`,
      { "0001_a.sql": `select 1;\n  /* now */ ${command};\nselect 2;` },
      /^0001_a.sql:2:13  "[A-Z]+" controls a transaction; remove it/,
    ]),
  ];
  for (const [title, contents, fault] of refused) {
    it(`refuses ${title}`, () => {
      const [only, ...others] = faultsOf(contents);
      assert.match(only ?? "", fault);
      assert.deepEqual(others, []);
    });
  }

  it("lists every fault of every file in one error", () => {
    const faults = faultsOf({
      "0001_a.sql": "begin; select 1; commit;",
      "0003_c.sql": "",
      "README.md": "no",
    });
    assert.deepEqual(
      faults.map((fault) => fault.split("  ")[0]),
      ["0001_a.sql:1:1", "0001_a.sql:1:18", "0003_c.sql", "README.md", "0003_c.sql"],
    );
  });

  it("refuses a folder that is not there", () => {
    assert.throws(() => readMigrations("sql/no_such_db"), {
      name: "MigrationFilesError",
      message: /sql.no_such_db  cannot be read as a folder \(ENOENT\)/,
    });
  });
});

/** The faults with paths relative to the folder. */
function faultsOf(contents: Contents): string[] {
  return withFolder(contents, (directory) => {
    try {
      readMigrations(directory);
      return [];
    } catch (error) {
      assert.ok(error instanceof MigrationFilesError);
      return error.faults.map((fault) =>
        formatFault({ ...fault, file: path.relative(directory, fault.file) }),
      );
    }
  });
}
