import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";

import { makePgTsGenerator, type PreRenderHook, processDatabase, type TsFileContents } from "kanel";
import ts from "typescript";

import { createDatabase, type DatabaseName, DATABASES } from "../support/databases";

/** Whether a column may be null in a row, and be left out of an insert. */
interface Column {
  nullable: boolean;
  optional: boolean;
}
/** Columns by "table.column". */
type Columns = Record<string, Column>;

type Declarations = TsFileContents["declarations"];

const SCHEMA = path.resolve(__dirname, "../../../client/src/schema");

/** What a trigger fills in. kanel does not know that, and so asks for it. */
const FILLED_IN = "invoices.invoice_number";

describe("kanel, another generator", function () {
  this.timeout(60_000);

  for (const name of DATABASES) {
    it(`finds the same columns, and the same of them nullable and optional, in ${name}`, async () => {
      const expected = await byKanel(name);
      const found = bySchema(name);
      if (expected[FILLED_IN]) {
        assert.deepEqual(expected[FILLED_IN], { nullable: false, optional: false });
        expected[FILLED_IN].optional = true;
      }
      assert.deepEqual(found, expected);
      assert.ok(Object.keys(found).length > 40);
    });
  }

  /** Runs kanel, and takes its declarations before it renders them. */
  async function byKanel(name: DatabaseName): Promise<Columns> {
    const database = await createDatabase(name);
    const outputPath = await fs.mkdtemp(path.join(os.tmpdir(), "learning-platform-kanel-"));
    const declarations: Declarations = [];
    const keep: PreRenderHook = (output) => {
      for (const file of Object.values(output)) {
        declarations.push(...(file.fileType === "typescript" ? file.declarations : []));
      }
      return {};
    };
    try {
      await processDatabase({
        connection: database.connection("superuser") as Record<string, never>,
        schemaNames: ["public"],
        outputPath,
        filter: ({ kind }) => kind === "table",
        generators: [makePgTsGenerator({ customTypeMap: { "pg_catalog.tsvector": "string" } })],
        preRenderHooks: [keep],
      });
    } finally {
      await fs.rm(outputPath, { recursive: true });
      await database.drop();
    }
    return Object.fromEntries(
      interfaces(declarations, /^Represents the table public\.(\w+)$/).flatMap(([table, rows]) => {
        const [[, inserts]] = interfaces(
          declarations,
          new RegExp(`^Represents the initializer for the table public\\.(${table})$`),
        );
        return rows.map(({ name: column, isNullable, typeName }) => [
          `${table}.${column}`,
          {
            // Neither side can say that of a type that contains null.
            nullable: Boolean(isNullable) && typeName !== "unknown",
            optional: Boolean(inserts.find((insert) => insert.name === column)?.isOptional),
          },
        ]);
      }),
    );
  }

  /** The properties of the interfaces whose comment matches, with what the pattern finds in it. */
  const interfaces = (declarations: Declarations, comment: RegExp) =>
    declarations.flatMap((declaration) => {
      const [, table] = comment.exec(declaration.comment?.[0] ?? "") ?? [];
      return table !== undefined && declaration.declarationType === "interface"
        ? [[table, declaration.properties] as const]
        : [];
    });

  /** Asks the compiler about the types in client/src/schema. */
  function bySchema(name: DatabaseName): Columns {
    const file = path.join(SCHEMA, `${name}.ts`);
    const program = ts.createProgram([file], { strict: true, skipLibCheck: true, types: [] });
    const checker = program.getTypeChecker();
    const source = program.getSourceFile(file)!;
    const exported = new Map(
      checker
        .getExportsOfModule(checker.getSymbolAtLocation(source)!)
        .map((symbol) => [symbol.name, symbol]),
    );
    const propertiesOf = (type: string) =>
      checker.getDeclaredTypeOfSymbol(exported.get(type)!).getProperties();
    return Object.fromEntries(
      [...exported].flatMap(([type, symbol]) => {
        const [, table] = / row of (\w+), as /.exec(commentOf(symbol, checker)) ?? [];
        if (table === undefined) {
          return [];
        }
        const inserts = propertiesOf(type.replace(/Row$/, "Insert"));
        return propertiesOf(type).map((column) => [
          `${table}.${column.name}`,
          {
            nullable: checker
              .typeToString(checker.getTypeOfSymbol(column))
              .split(" | ")
              .includes("null"),
            optional: Boolean(
              inserts.find((insert) => insert.name === column.name)!.flags &
              ts.SymbolFlags.Optional,
            ),
          },
        ]);
      }),
    );
  }

  const commentOf = (symbol: ts.Symbol, checker: ts.TypeChecker) =>
    ts.displayPartsToString(symbol.getDocumentationComment(checker));
});
