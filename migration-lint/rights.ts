import type { MigrationFile } from "../migrator/files";
import { type Node, parseStatements } from "../migrator/grammar";
import { scan } from "../migrator/scan";
import type { StatementRule } from "./statements";

const WAIVE_IF_INTENDED = "If that is intended, waive this finding with a reason.";
const DESIGN = "Rights follow from the design (components/postgres/service-rights.ts).";

/** Rules against wider rights and hidden code. */
export const RIGHTS_RULES: StatementRule[] = [
  {
    rule: "ban-grant-to-others",
    applies: (tag, node, file) =>
      tag === "GrantRoleStmt" ||
      (tag === "GrantStmt" && node.is_grant === true && !grantsToOwnRoles(node, file)),
    message: "This grants a right to PUBLIC or to a role of another service, or grants a role.",
    help: `${DESIGN} ${WAIVE_IF_INTENDED}`,
  },
  {
    rule: "ban-default-privileges",
    applies: (tag) => tag === "AlterDefaultPrivilegesStmt",
    message: "Objects that are created later get other rights than the design says.",
    help: `${DESIGN} ${WAIVE_IF_INTENDED}`,
  },
  {
    rule: "ban-owner-change",
    applies: (tag, node) =>
      tag === "AlterOwnerStmt" ||
      tag === "ReassignOwnedStmt" ||
      (tag === "AlterTableCmd" && node.subtype === "AT_ChangeOwner") ||
      (tag === "CreateSchemaStmt" && node.authrole !== undefined),
    message: "The object gets another owner, so later migrations may not change it.",
    help: "Let the role that runs migrations own every object.",
  },
  {
    rule: "require-pinned-search-path",
    applies: (tag, node) =>
      (tag === "CreateFunctionStmt" && isDefiner(node.options) && !pinsPath(node.options)) ||
      (tag === "AlterFunctionStmt" && isDefiner(node.actions) && !pinsPath(node.actions)),
    message:
      "The function runs with its owner's rights, but resolves names by the caller's search_path.",
    help: "Add `set search_path = pg_catalog, public, pg_temp` to the function.",
  },
  {
    rule: "ban-role-change",
    applies: (tag, node) =>
      (tag === "VariableSetStmt" && ROLE_SETTINGS.has(String(node.name))) ||
      (tag === "FuncCall" && calls(node, "set_config") && ROLE_SETTINGS.has(firstText(node))),
    message: "The rest of the file runs as another role than the owner.",
    help: "Remove it: the runner already has the owner's role.",
  },
  {
    rule: "ban-disabled-safeguard",
    applies: (tag, node) =>
      (tag === "AlterTableCmd" && SAFEGUARDS.has(String(node.subtype))) ||
      (tag === "VariableSetStmt" && HIDING_SETTINGS.has(String(node.name))) ||
      (tag === "FuncCall" && calls(node, "set_config") && HIDING_SETTINGS.has(firstText(node))),
    message: "Triggers, foreign keys or row security stop working without an error.",
    help: WAIVE_IF_INTENDED,
  },
  {
    rule: "ban-create-rule",
    applies: (tag) => tag === "RuleStmt",
    message: "A rule rewrites statements in a way that their authors do not see.",
    help: "Write a trigger.",
  },
  {
    rule: "ban-sleep",
    applies: (tag, node) => tag === "FuncCall" && SLEEPS.some((name) => calls(node, name)),
    message: "The file keeps its locks while it sleeps.",
    help: "Remove it.",
  },
];

const ROLE_SETTINGS = new Set(["role", "session_authorization"]);
const HIDING_SETTINGS = new Set(["session_replication_role", "row_security"]);
const SLEEPS = ["pg_sleep", "pg_sleep_for", "pg_sleep_until"];
const SAFEGUARDS = new Set([
  "AT_DisableTrig",
  "AT_DisableTrigAll",
  "AT_DisableTrigUser",
  "AT_EnableReplicaTrig",
  "AT_DisableRule",
  "AT_DisableRowSecurity",
  "AT_NoForceRowSecurity",
]);

/** Whether every grantee is a role of the service that owns the file's database, by the names of its roles. */
function grantsToOwnRoles({ grantees }: Node, { path }: MigrationFile): boolean {
  const prefix = /([a-z0-9_]+)_db\//.exec(path)?.[1];
  return ((grantees ?? []) as { RoleSpec: { rolename?: string } }[]).every(
    ({ RoleSpec: { rolename = "" } }) =>
      prefix !== undefined && [`${prefix}_app`, `${prefix}_readonly`].includes(rolename),
  );
}

interface Option {
  DefElem: {
    defname: string;
    arg?: { Boolean?: { boolval?: boolean }; VariableSetStmt?: { name?: string; kind: string } };
  };
}

const isDefiner = (options: unknown) =>
  ((options ?? []) as Option[]).some(
    ({ DefElem: { defname, arg } }) => defname === "security" && arg?.Boolean?.boolval === true,
  );

const pinsPath = (options: unknown) =>
  ((options ?? []) as Option[]).some(
    ({ DefElem: { arg } }) =>
      arg?.VariableSetStmt?.name === "search_path" && arg.VariableSetStmt.kind === "VAR_SET_VALUE",
  );

const calls = ({ funcname }: Node, name: string) =>
  (funcname as { String: { sval: string } }[] | undefined)?.at(-1)?.String.sval === name;

const firstText = ({ args }: Node) =>
  (args as { A_Const?: { sval?: { sval?: string } } }[] | undefined)?.[0]?.A_Const?.sval?.sval ??
  "";

const SUSPICIOUS =
  /grant|privileges|owner|owned|security|role|authorization|disable|replica|rule|sleep/i;

/**
 * Parses the statements in the body of a `do` block or a function, as far as they are SQL: words before a statement,
 * such as `begin` or `if ... then`, are removed one by one. Text that EXECUTE runs is not parsed.
 */
export async function parseBody(statement: Node): Promise<Node[]> {
  const { DoStmt, CreateFunctionStmt } = statement as Record<string, Node | undefined>;
  const options = (DoStmt?.args ?? CreateFunctionStmt?.options ?? []) as {
    DefElem: { defname: string; arg?: Record<string, unknown> };
  }[];
  const body = options.find(({ DefElem }) => DefElem.defname === "as")?.DefElem.arg ?? {};
  const { String: text, List: list } = body as {
    String?: { sval: string };
    List?: { items: { String: { sval: string } }[] };
  };
  const sql = text?.sval ?? list?.items[0]?.String.sval ?? "";
  if (!SUSPICIOUS.test(sql)) {
    return [];
  }
  const found: Node[] = [];
  for (const { text: piece } of scan(sql).statements) {
    found.push(...(await parsePiece(piece)));
  }
  return found;
}

async function parsePiece(piece: string): Promise<Node[]> {
  let rest = piece;
  while (rest !== "") {
    const parsed = await parseStatements(rest.replace(/^perform\b/i, "select")).catch(
      () => undefined,
    );
    if (parsed !== undefined) {
      return parsed;
    }
    rest = rest.replace(/^(\w+|[^\w\s])\s*/, "").trimStart();
  }
  return [];
}
