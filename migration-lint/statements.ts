import type { MigrationFile } from "../migrator/files";
import { hasOption, type Node, parseStatements } from "../migrator/grammar";
import { indexOfPosition, lineAndColumn } from "../migrator/position";
import { type Finding, LintError } from "./finding";
import { bodyStatements, RIGHTS_RULES } from "./rights";

export interface StatementRule {
  rule: string;
  applies: (tag: string, node: Node, file: MigrationFile) => boolean;
  message: string;
  help: string;
}

export const SYNTAX_ERROR = "syntax-error";

const WAIVE_IF_MEANT = "Where that is meant, waive this and say why.";

/** What Squawk 2.61 has no rule for. */
const RULES: StatementRule[] = [
  {
    rule: "ban-delete-without-where",
    applies: (tag, node) => tag === "DeleteStmt" && !node.whereClause,
    message: "Without `where`, every row is deleted.",
    help: WAIVE_IF_MEANT,
  },
  {
    rule: "ban-update-without-where",
    applies: (tag, node) => tag === "UpdateStmt" && !node.whereClause,
    message: "Without `where`, every row is changed, and locked until the file is through.",
    help: `Change the rows in bounded batches. ${WAIVE_IF_MEANT}`,
  },
  {
    rule: "ban-truncate",
    // Squawk speaks of `cascade`.
    applies: (tag, node) => tag === "TruncateStmt" && node.behavior !== "DROP_CASCADE",
    message: "Every row goes, and the table is locked for readers too.",
    help: WAIVE_IF_MEANT,
  },
  {
    rule: "ban-drop-schema",
    applies: (tag, node) => tag === "DropStmt" && node.removeType === "OBJECT_SCHEMA",
    message: "A schema goes, which a service may still use.",
    help: WAIVE_IF_MEANT,
  },
  {
    rule: "ban-drop-owned",
    applies: (tag) => tag === "DropOwnedStmt",
    message: "Everything that a role owns in the database goes, data included.",
    help: "Drop what is meant by its name.",
  },
  {
    rule: "ban-drop-cascade",
    applies: (tag, node) =>
      ["DropStmt", "AlterTableCmd"].includes(tag) && node.behavior === "DROP_CASCADE",
    message: "`cascade` drops whatever depends on it, which this file does not name.",
    help: "Drop each dependent object by its name, above.",
  },
  {
    rule: "ban-lock-table",
    applies: (tag) => tag === "LockStmt",
    message: "The lock is held until the file is through.",
    help: "Let each statement take the lock that it needs.",
  },
  {
    rule: "ban-table-rewrite",
    applies: rewritesTable,
    message: "The table is written anew under a lock that keeps out readers, too.",
    help: "Refresh a materialized view with `concurrently`; for the rest, plan a time without load.",
  },
  {
    rule: "ban-do-block",
    applies: (tag) => tag === "DoStmt",
    message: "What a `do` block runs is a string to the lint, and is not checked.",
    help: "Write the statements plainly. Where that cannot be, waive this and say what it does.",
  },
  {
    rule: "require-no-transaction",
    applies: (tag, node, file) => file.transactional && refusesTransaction(tag, node),
    message: "PostgreSQL refuses this statement in a transaction, and this file runs in one.",
    help: "Put it alone into a versioned file that begins with `-- migrate: no-transaction`.",
  },
];

/**
 * Findings about whole statements, by PostgreSQL 16's own grammar, with no waiver applied.
 * @throws LintError where the grammar itself fails
 */
export async function statementFindings(file: MigrationFile): Promise<Finding[]> {
  let tree: Node[];
  try {
    tree = await parseStatements(file.sql);
  } catch (error) {
    return [syntaxError(file, error as SyntaxFault)];
  }
  const findings: Finding[] = [];
  for (const [index, stmt] of tree.entries()) {
    const nodes = [...taggedNodes(stmt)];
    const hidden = [...taggedNodes(await bodyStatements(stmt))];
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

function syntaxError(file: MigrationFile, { message, sqlDetails }: SyntaxFault): Finding {
  if (sqlDetails === undefined) {
    throw new LintError(`PostgreSQL's grammar could not be applied to ${file.path}: ${message}`);
  }
  const index = indexOfPosition(file.sql, sqlDetails.cursorPosition + 1);
  return { file: file.path, ...lineAndColumn(file.sql, index), rule: SYNTAX_ERROR, message };
}

/** Every node that has a tag, such as `DeleteStmt`, also within other statements. */
function* taggedNodes(value: unknown): Generator<[tag: string, node: Node]> {
  if (Array.isArray(value)) {
    for (const element of value) {
      yield* taggedNodes(element);
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (/^[A-Z]/.test(key)) {
        yield [key, inner as Node];
      }
      // A function's body does not run with the migration.
      if (key !== "CreateFunctionStmt") {
        yield* taggedNodes(inner);
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
      // `analyze` is the same node, and may run anywhere.
      return node.is_vacuumcmd === true;
    default:
      return NEVER_IN_TRANSACTION.has(tag);
  }
}
