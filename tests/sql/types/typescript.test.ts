import assert from "node:assert/strict";
import path from "node:path";

import ts from "typescript";

import { connect } from "../client/support";
import { createLive, dropLive, type LiveDatabase } from "./live-databases";

const SCHEMA = path.resolve(__dirname, "../../../client/src/schema");

describe("The TypeScript types of the tables", function () {
  this.timeout(60_000);

  let live: LiveDatabase[];

  before(async () => {
    live = await createLive();
  });
  after(() => dropLive(live));

  it("accept the rows that pg reads, with no column more or less, and only those", () => {
    assert.deepEqual(problems(live.map(literals).join("\n")), []);
    const [{ rows }] = live;
    const user = { ...rows.users[0], email: 1, created_at: null };
    assert.deepEqual(problems(literal("user_service_db", "User", user)), [
      "Type 'number' is not assignable to type 'string'.",
      "Type 'null' is not assignable to type 'string'.",
    ]);
  });

  it("leave a row of each table as it is, from the database through JSON and back", async () => {
    for (const { pool, model, rows } of live) {
      const client = await pool.connect();
      try {
        await client.query("begin");
        // Neither a foreign key nor a trigger shall act on the change.
        await client.query("set local session_replication_role = replica");
        for (const { name, columns } of model.tables) {
          const all = `select t::text from ${name} t order by id`;
          const before = await client.query<{ t: string }>(all);
          assert.ok(before.rows.length > 0, name);
          await client.query(`delete from ${name}`);
          for (const row of JSON.parse(JSON.stringify(rows[name]))) {
            const values = columns.map((column) =>
              column.type.typescript === "unknown" &&
              !(column.nullable && row[column.name] === null)
                ? JSON.stringify(row[column.name])
                : row[column.name],
            );
            await client.query(
              `insert into ${name} values (${values.map((_, index) => `$${index + 1}`).join(", ")})`,
              values,
            );
          }
          assert.deepEqual((await client.query(all)).rows, before.rows, name);
        }
      } finally {
        await client.query("rollback");
        client.release();
      }
    }
  });

  it("say how the client returns a row", async () => {
    const { client } = connect(live[0].database);
    try {
      const { rows } = await client.query("select * from users order by id");
      assert.deepEqual(rows, live[0].rows.users);
      assert.equal(typeof rows[0].created_at, "string");
    } finally {
      await client.close();
    }
  });

  const literals = ({ name, model, rows }: LiveDatabase) =>
    model.tables
      .flatMap((table) => rows[table.name].map((row) => literal(name, table.entity, row)))
      .join("\n");

  const literal = (database: string, entity: string, row: unknown) =>
    `((row: import("${SCHEMA}/${database}").${entity}Row) => row)(${JSON.stringify(row)});`;

  /** What the strict compiler says of a program of this text. */
  function problems(text: string): string[] {
    const options: ts.CompilerOptions = {
      strict: true,
      noEmit: true,
      module: ts.ModuleKind.Node16,
      target: ts.ScriptTarget.ES2022,
      skipLibCheck: true,
      types: [],
    };
    const host = ts.createCompilerHost(options);
    const file = path.join(SCHEMA, "rows-of-a-test.ts");
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022);
    const { fileExists, getSourceFile } = host;
    host.fileExists = (name) => name === file || fileExists(name);
    host.getSourceFile = (name, ...rest) => (name === file ? source : getSourceFile(name, ...rest));
    const program = ts.createProgram([file], options, host);
    return ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  }
});
