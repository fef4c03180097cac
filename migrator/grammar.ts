/** A node of PostgreSQL's parse tree, as libpg-query names its fields. */
export type Node = Record<string, unknown>;

/** The statements of a text by PostgreSQL 16's own grammar, in their order; throws what it refuses. */
export async function parseStatements(sql: string): Promise<Node[]> {
  // A compiled grammar of 1 MB: loaded only where there is something to read.
  const { parse } = await import("libpg-query");
  const { stmts } = (await parse(sql)) as { stmts?: { stmt: Node }[] };
  return (stmts ?? []).map(({ stmt }) => stmt);
}

/** Whether `(full, analyze)` and the like hold an option that is not switched off. */
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
 * Whether the one statement of a text waits without keeping anybody else waiting: what it waits for with is a
 * SHARE UPDATE EXCLUSIVE lock or none, which neither readers nor writers of a table queue behind. The
 * concurrent ones wait for older transactions, as long as those take, and giving up leaves half a work (the
 * pages of PostgreSQL 16 on CREATE INDEX, REINDEX, ALTER TABLE and VACUUM, and 13.3.1, table-level locks).
 * False also for what the grammar refuses: the server will say so.
 */
export async function waitsBlockingNobody(sql: string): Promise<boolean> {
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
