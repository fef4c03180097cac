import type { MigrationFiles } from "./files";
import { type Node, parseStatements } from "./grammar";
import type { RightsException } from "./rights";

const KINDS: Record<string, RightsException["kind"]> = {
  OBJECT_DATABASE: "database",
  OBJECT_SCHEMA: "schema",
  OBJECT_TABLE: "table",
  OBJECT_SEQUENCE: "sequence",
  OBJECT_FUNCTION: "function",
  OBJECT_PROCEDURE: "function",
  OBJECT_ROUTINE: "function",
};

interface Grant {
  targtype?: string;
  objtype?: string;
  objects?: Record<string, Node>[];
  grantees?: { RoleSpec: { roletype: string; rolename?: string } }[];
}

/**
 * The rights that files give or take by GRANT and REVOKE, which the design does not speak of any more. What a `do`
 * block or a function grants is not seen.
 */
export async function rightsExceptions(files: MigrationFiles): Promise<RightsException[]> {
  const exceptions: RightsException[] = [];
  for (const { sql } of [...files.versioned, ...files.repeatable]) {
    if (/\b(grant|revoke)\b/i.test(sql)) {
      const statements = await parseStatements(sql).catch(() => []);
      exceptions.push(...statements.flatMap(exceptionsOf));
    }
  }
  return exceptions;
}

function exceptionsOf(statement: Node): RightsException[] {
  const defaults = (statement.AlterDefaultPrivilegesStmt as { action?: Grant } | undefined)?.action;
  const grant = defaults ?? (statement.GrantStmt as Grant | undefined);
  const kind = defaults ? "future" : KINDS[grant?.objtype ?? ""];
  if (!grant || !kind) {
    return [];
  }
  const names =
    defaults || grant.targtype === "ACL_TARGET_ALL_IN_SCHEMA"
      ? [undefined]
      : (grant.objects ?? []).map(nameOf);
  const roles = (grant.grantees ?? []).map(({ RoleSpec: { roletype, rolename } }) =>
    roletype === "ROLESPEC_PUBLIC" ? "public" : (rolename ?? ""),
  );
  return names.flatMap((name) => roles.map((role) => ({ kind, name, role })));
}

/** The last part of the name of a RangeVar, a String or an ObjectWithArgs. */
function nameOf({ RangeVar, String: text, ObjectWithArgs }: Record<string, Node>): string {
  const parts = ObjectWithArgs?.objname as { String: { sval: string } }[] | undefined;
  return String(RangeVar?.relname ?? text?.sval ?? parts?.at(-1)?.String.sval);
}
