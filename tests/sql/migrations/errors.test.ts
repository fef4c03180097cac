import assert from "node:assert/strict";
import { inspect as show } from "node:util";

import { inspect, migrate, MigrationStatementError } from "../../../migrator";
import { Contents, createSubject, migrations, Subject } from "./support";

describe("the error of a failing migration", () => {
  let subject: Subject;
  before(async () => {
    subject = await createSubject();
  });
  after(() => subject.database.drop());

  async function failure(contents: Contents): Promise<MigrationStatementError> {
    try {
      await migrate(subject.target, migrations(contents), { statementTimeoutMs: 300 });
    } catch (error) {
      assert.ok(error instanceof MigrationStatementError, String(error));
      return error;
    }
    throw new Error("was applied");
  }

  const cases: [title: string, sql: string, place: string, message: RegExp][] = [
    ["a syntax error", "select 1;\n\nselec 2;", "3:1", /42601  syntax error at or near "selec"/],
    [
      "an unknown table",
      "select 1;\n  select *\n    from nowhere;",
      "3:10",
      /42P01  relation "nowhere" does not exist\n  3 \|     from nowhere;\n    \|          \^$/,
    ],
    ["characters outside of the basic plane", "-- 😀 ä\nselect '😀', nowhere;", "2:13", /42703/],
    [
      "an error without a position, at its statement",
      "create table k (id integer primary key);\ninsert into k values (1);\n\n-- again\ninsert into k\n  values (1);",
      "5:1",
      /23505  .*\n {2}5 \| insert into k\n {4}\| \^\n  detail: Key \(id\)=\(1\) already exists/,
    ],
    [
      "an error in a body, at the outer statement",
      "select 1;\ndo $$\nbegin\n  perform 1 / 0;\nend $$;",
      "2:1",
      /22012  division by zero\n  2 \| do \$\$\n    \| \^\n  where: .*PL\/pgSQL function inline_code_block line 3/s,
    ],
    [
      "a body that does not compile, with the place in the body",
      "create function f() returns integer language plpgsql as $$\nbegin\n  retrun 1;\nend $$;",
      "3:3",
      /42601/,
    ],
    [
      "the server's hint",
      "select lenght('a');",
      "1:8",
      /42883  .*\n.*\n.*\n  hint: No function matches/,
    ],
    [
      "a statement that refuses a transaction",
      "create table t ();\ncreate index concurrently i on t ((1));",
      "2:1",
      /25001  .*\n.*\n.*\n  put the statement into its own file, marked "-- migrate: no-transaction"/,
    ],
    [
      "a statement that takes too long",
      "select 1;\nselect pg_sleep(9);",
      "2:1",
      /57014  .*\n.*\n.*\n  a statement may take at most 0.3 s; raise migrationStatementTimeoutMs/,
    ],
    [
      "data that a file cannot contain",
      "create table t (a text);\ncopy t from stdin;",
      "2:1",
      /57014  COPY from stdin failed/,
    ],
  ];
  for (const [title, sql, place, message] of cases) {
    it(`shows ${title}`, async () => {
      const error = await failure({ "0001_a.sql": sql });
      assert.equal(`${error.place?.line}:${error.place?.column}`, place);
      assert.ok(error.message.includes(`0001_a.sql:${place}  ${error.server.sqlState}`));
      assert.match(error.message, message);
    });
  }

  it("shows 100 characters around the place of a long line", async () => {
    const sql = `select ${"1, ".repeat(200)}nowhere, ${"2, ".repeat(200)}3;`;
    const { message } = await failure({ "0001_a.sql": sql });
    const [, line = "", caret = ""] = message.split("\n");
    assert.match(line, /^ {2}1 \| ….{100}…$/);
    assert.equal(line.slice(caret.indexOf("^"), caret.indexOf("^") + 7), "nowhere");
  });

  it("shows the file without a place if the commit fails", async () => {
    const error = await failure({
      "0001_a.sql":
        "create table p (id integer primary key); create table c (p integer references p deferrable initially deferred); insert into c values (1);",
    });
    assert.equal(error.place, undefined);
    assert.match(error.message, /0001_a.sql {2}23503 {2}insert or update on table "c" violates/);
  });

  it("comes with a rollback of the whole file", async () => {
    assert.deepEqual(
      await subject.rows("select tablename from pg_tables where schemaname = 'public'"),
      [],
    );
  });
});

describe("an error of the migrator", () => {
  let subject: Subject;
  before(async () => {
    subject = await createSubject();
  });
  after(() => subject.database.drop());

  const files = migrations({ "0001_a.sql": "select 1" });
  const cases: [title: string, run: () => Promise<unknown>, message: RegExp][] = [
    [
      "a refused login",
      () => migrate({ ...subject.target, user: "nobody" }, files),
      /cannot connect to database \S+ at 127.0.0.1:\d+ as nobody: 28P01  password authentication failed/,
    ],
    [
      "a port on which no server listens",
      () => inspect({ ...subject.target, port: 1 }, files),
      /ECONNREFUSED/,
    ],
    [
      "a role that may not act as the owner",
      () => migrate({ ...subject.target, owner: "postgres" }, files),
      /user_service_migrator cannot act as postgres in .* 42501/,
    ],
    [
      "a database that does not exist",
      () => migrate({ ...subject.target, database: "nope" }, files),
      /3D000  database "nope" does not exist/,
    ],
    [
      "a file that contains it",
      () => {
        const { password } = subject.target;
        return migrate(
          subject.target,
          migrations({
            "0001_a.sql": `do $$ begin raise exception 'm ${password}' using detail = 'd ${password}', hint = 'h ${password}'; end $$`,
          }),
        );
      },
      /P0001 {2}m \*\*\*\n {2}detail: d \*\*\*\n {2}hint: h \*\*\*/,
    ],
  ];
  for (const [title, run, message] of cases) {
    it(`does not show the password after ${title}`, async () => {
      await assert.rejects(run(), (error: Error) => {
        assert.match(error.message, message);
        const everything = show(error, { depth: 20, showHidden: true });
        assert.ok(!everything.includes(subject.target.password));
        assert.ok(!/postgres(ql)?:\/\//.test(everything));
        return true;
      });
    });
  }
});
