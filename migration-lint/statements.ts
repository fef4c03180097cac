import type { MigrationFile } from "../migrator/files";
import { hasOption, type Node, parseStatements } from "../migrator/grammar";
import { indexOfPosition, lineAndColumn } from "../migrator/position";
import { type Finding, LintError } from "./finding";
import { parseBody, RIGHTS_RULES } from "./rights";

export interface StatementRule {
  rule: string;
  applies: (tag: string, node: Node, file: MigrationFile) => boolean;
  message: string;
  help: string;
}

export const SYNTAX_ERROR = "syntax-error";

const WAIVE_IF_INTENDED = "If that is intended, waive this finding with a reason.";

/** Rules that Squawk 2.61 does not have. */
const RULES: StatementRule[] = [
  {
    rule: "ban-delete-without-where",
    applies: (tag, node) => tag === "DeleteStmt" && !node.whereClause,
    message: "Without `where`, every row is deleted.",
    help: WAIVE_IF_INTENDED,
  },
  {
    rule: "ban-update-without-where",
    applies: (tag, node) => tag === "UpdateStmt" && !node.whereClause,
    message: "Without `where`, every row is changed, and locked until the file is done.",
    help: `Change the rows in bounded batches. ${WAIVE_IF_INTENDED}`,
  },
  {
    rule: "ban-truncate",
    // Squawk has a rule for `cascade`.
    applies: (tag, node) => tag === "TruncateStmt" && node.behavior !== "DROP_CASCADE",
    message: "Every row is deleted, and the table is locked for readers too.",
    help: WAIVE_IF_INTENDED,
  },
  {
    rule: "ban-drop-schema",
    applies: (tag, node) => tag === "DropStmt" && node.removeType === "OBJECT_SCHEMA",
    message: "A service may still use the schema.",
    help: WAIVE_IF_INTENDED,
  },
  {
    rule: "ban-drop-owned",
    applies: (tag) => tag === "DropOwnedStmt",
    message: "Everything that a role owns in the database is dropped, including data.",
    help: "Drop each object by its name.",
  },
  {
    rule: "ban-drop-cascade",
    applies: (tag, node) =>
      ["DropStmt", "AlterTableCmd"].includes(tag) && node.behavior === "DROP_CASCADE",
    message: "`cascade` drops dependent objects that this file does not name.",
    help: "Drop each dependent object by its name first.",
  },
  {
    rule: "ban-lock-table",
    applies: (tag) => tag === "LockStmt",
    message: "The lock is held until the file is done.",
    help: "Let each statement take the lock that it needs.",
  },
  {
    rule: "ban-table-rewrite",
    applies: rewritesTable,
    message: "The table is rewritten under a lock that blocks readers too.",
    help: "Refresh a materialized view with `concurrently`; otherwise plan a time without load.",
  },
  {
    rule: "ban-do-block",
    applies: (tag) => tag === "DoStmt",
    message: "The lint does not check the statements in a `do` block.",
    help: "Write the statements outside of a `do` block. If that is not possible, waive this finding and say what the block does.",
  },
  {
    rule: "require-no-transaction",
    applies: (tag, node, file) => file.transactional && refusesTransaction(tag, node),
    message: "PostgreSQL refuses this statement in a transaction, and this file runs in one.",
    help: "Put it into its own versioned file that begins with `-- migrate: no-transaction`.",
  },
];

/**
 * Checks whole statements with PostgreSQL 16's own grammar; applies no waiver.
 * @throws LintError if the parser itself fails
 */
export async function checkStatements(file: MigrationFile): Promise<Finding[]> {
  let tree: Node[];
  try {
    tree = await parseStatements(file.sql);
  } catch (error) {
    return [buildSyntaxError(file, error as SyntaxFault)];
  }
  const findings: Finding[] = [];
  for (const [index, stmt] of tree.entries()) {
    const nodes = [...findNodes(stmt)];
    const hidden = [...findNodes(await parseBody(stmt))];
    const applying = (rules: StatementRule[], among: typeof nodes) =>
      rules.filter(({ applies }) => among.some(([tag, node]) => applies(tag, node, file)));
    const place = lineAndColumn(file.sql, file.statements[index]?.start ?? 0);
    findings.push(
      ...[...applying(RULES, nodes), ...applying(RIGHTS_RULES, [...nodes, ...hidden])].map(
        ({ rule, message, help }) => ({ file: file.path, ...place, rule, message, help }),
      ),
    );
  }
  return findings;
}

interface SyntaxFault extends Error {
  /** The position counts characters from 0. */
  sqlDetails?: { cursorPosition: number };
}

function buildSyntaxError(file: MigrationFile, { message, sqlDetails }: SyntaxFault): Finding {
  if (sqlDetails === undefined) {
    throw new LintError(`PostgreSQL's parser failed on ${file.path}: ${message}`);
  }
  const index = indexOfPosition(file.sql, sqlDetails.cursorPosition + 1);
  return { file: file.path, ...lineAndColumn(file.sql, index), rule: SYNTAX_ERROR, message };
}

/** Yields every node with a tag, such as `DeleteStmt`, including nested ones. */
function* findNodes(value: unknown): Generator<[tag: string, node: Node]> {
  if (Array.isArray(value)) {
    for (const element of value) {
      yield* findNodes(element);
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (/^[A-Z]/.test(key)) {
        yield [key, inner as Node];
      }
      // A function's body does not run with the migration.
      if (key !== "CreateFunctionStmt") {
        yield* findNodes(inner);
      }
    }
  }
}

const REWRITING_COMMANDS = new Set([
  "AT_SetLogged",
  "AT_SetUnLogged",
  "AT_SetAccessMethod",
  "AT_SetTableSpace",
]);

function rewritesTable(tag: string, node: Node): boolean {
  switch (tag) {
    case "ClusterStmt":
      return true;
    case "VacuumStmt":
      return hasOption(node.options, "full");
    case "RefreshMatViewStmt":
      return !node.concurrent;
    case "AlterTableCmd":
      return REWRITING_COMMANDS.has(String(node.subtype));
    default:
      return false;
  }
}

const NEVER_IN_TRANSACTION = new Set([
  "AlterSystemStmt",
  "CreatedbStmt",
  "CreateTableSpaceStmt",
  "DropdbStmt",
  "DropTableSpaceStmt",
]);
const REINDEXED_ONE_BY_ONE = new Set([
  "REINDEX_OBJECT_SCHEMA",
  "REINDEX_OBJECT_SYSTEM",
  "REINDEX_OBJECT_DATABASE",
]);

function refusesTransaction(tag: string, node: Node): boolean {
  switch (tag) {
    case "IndexStmt":
    case "DropStmt":
      return node.concurrent === true;
    case "ReindexStmt":
      return REINDEXED_ONE_BY_ONE.has(String(node.kind)) || hasOption(node.params, "concurrently");
    case "AlterTableCmd":
      return (node.def as { PartitionCmd?: Node } | undefined)?.PartitionCmd?.concurrent === true;
    case "VacuumStmt":
      // `analyze` is the same node, and may run in a transaction.
      return node.is_vacuumcmd === true;
    default:
      return NEVER_IN_TRANSACTION.has(tag);
  }
}
