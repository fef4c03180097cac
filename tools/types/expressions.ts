import { type Node, parseStatements } from "../../migrator/grammar";

/** The values that a check allows in a column. */
export interface AllowedValues {
  column: string;
  values: string[];
}

/** A column's default: a constant as its text, a call of a function without arguments, or anything else. */
export type Default =
  { kind: "constant"; text: string } | { kind: "call"; name: string } | { kind: "expression" };

type Named = { String: { sval: string } };

const child = (node: unknown, key: string) => (node as Node | undefined)?.[key] as Node | undefined;

/**
 * The list of a check such as `CHECK (status = ANY (ARRAY['OPEN'::text, 'PAID'::text]))`, which is how PostgreSQL keeps
 * `check (status in ('OPEN', 'PAID'))`.
 * @param definition a constraint of a table, as pg_get_constraintdef gives it
 * @returns undefined for any other constraint, and for one that earlier rows may break (NOT VALID)
 */
export async function allowedValues(definition: string): Promise<AllowedValues | undefined> {
  const [statement] = await parseStatements(`alter table t add ${definition}`);
  const [command] = child(statement, "AlterTableStmt")?.cmds as Node[];
  const constraint = child(child(child(command, "AlterTableCmd"), "def"), "Constraint");
  const check = child(constraint?.raw_expr, "A_Expr");
  const [operator] = (check?.name ?? []) as Named[];
  if (constraint?.skip_validation || operator?.String.sval !== "=") {
    return undefined;
  }
  const [field] = (child(check?.lexpr, "ColumnRef")?.fields ?? []) as Named[];
  const list = child(withoutCast(check?.rexpr), "A_ArrayExpr")?.elements ?? [check?.rexpr];
  const values = (list as Node[]).map(textOf);
  return field && values.every((value) => value !== undefined)
    ? { column: field.String.sval, values: values as string[] }
    : undefined;
}

/** @param expression a default, as pg_get_expr gives it */
export async function parseDefault(expression: string): Promise<Default> {
  const [statement] = await parseStatements(`select ${expression}`);
  const [target] = child(statement, "SelectStmt")?.targetList as Node[];
  const value = withoutCast(child(target, "ResTarget")?.val);
  const call = child(value, "FuncCall");
  const text = textOf(value);
  if (text !== undefined) {
    return { kind: "constant", text };
  }
  return call && !call.args
    ? { kind: "call", name: (call.funcname as Named[]).at(-1)!.String.sval }
    : { kind: "expression" };
}

const withoutCast = (node: unknown): Node | undefined => {
  const cast = child(node, "TypeCast");
  return cast ? withoutCast(cast.arg) : (node as Node | undefined);
};

/** The text of a constant: libpg-query leaves out what is zero, false or empty. */
function textOf(node: unknown): string | undefined {
  const constant = child(withoutCast(node), "A_Const");
  const [[kind, value] = ["isnull", {}]] = Object.entries(constant ?? {}) as [string, Node][];
  switch (kind) {
    case "sval":
    case "fval":
      return String(value[kind] ?? "");
    case "ival":
      return String(value.ival ?? 0);
    case "boolval":
      return String(value.boolval ?? false);
    default:
      return undefined;
  }
}
