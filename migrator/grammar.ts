/** A node of PostgreSQL's parse tree, as libpg-query names its fields. */
export type Node = Record<string, unknown>;

/** Parses the statements of a text with PostgreSQL 16's own grammar, in order; throws its syntax errors. */
export async function parseStatements(sql: string): Promise<Node[]> {
  // A compiled grammar of 1 MB, loaded only if there is a text to parse.
  const { parse } = await import("libpg-query");
  const { stmts } = (await parse(sql)) as { stmts?: { stmt: Node }[] };
  return (stmts ?? []).map(({ stmt }) => stmt);
}

/** Whether a list of options such as `(full, analyze)` contains one that is not switched off. */
export function hasOption(options: unknown, name: string): boolean {
  return ((options ?? []) as { DefElem: { defname: string; arg?: Node } }[]).some(
    ({ DefElem: { defname, arg } }) => defname === name && !isOff(arg),
  );
}

const OFF = new Set(["false", "off", "0"]);

function isOff(arg: Node | undefined): boolean {
  const { String: text, Integer: number } = (arg ?? {}) as {
    String?: { sval: string };
    Integer?: { ival?: number };
  };
  return OFF.has(text?.sval ?? (number ? String(number.ival ?? 0) : ""));
}

interface Commands {
  cmds?: { AlterTableCmd: { subtype: string; def?: { PartitionCmd?: Node } } }[];
}

/**
 * Whether the one statement of a text can wait without blocking others: it waits with a SHARE UPDATE EXCLUSIVE lock
 * or none, and neither readers nor writers of a table queue behind that. The concurrent statements wait for older
 * transactions, however long those take, and giving up leaves a half-finished object (PostgreSQL 16's pages on
 * CREATE INDEX, REINDEX, ALTER TABLE and VACUUM, and 13.3.1, table-level locks).
 * False also for a text with a syntax error, which the server then reports.
 */
export async function waitsWithoutBlocking(sql: string): Promise<boolean> {
  const [statement] = await parseStatements(sql).catch(() => []);
  const [[tag, node] = ["", {}]] = Object.entries((statement ?? {}) as Record<string, Node>);
  switch (tag) {
    case "IndexStmt":
    case "DropStmt":
    case "RefreshMatViewStmt":
      return node.concurrent === true;
    case "ReindexStmt":
      return hasOption(node.params, "concurrently");
    case "VacuumStmt":
      return !hasOption(node.options, "full");
    case "AlterTableStmt":
      return ((node as Commands).cmds ?? []).some(({ AlterTableCmd: { subtype, def } }) =>
        subtype === "AT_DetachPartition"
          ? def?.PartitionCmd?.concurrent === true
          : subtype === "AT_DetachPartitionFinalize",
      );
    default:
      return false;
  }
}
