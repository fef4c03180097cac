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
 * Finds the rights that files change by GRANT and REVOKE, to which the design no longer applies. It does not see what a
 * `do` block or a function grants.
 */
export async function findRightsExceptions(files: MigrationFiles): Promise<RightsException[]> {
  const exceptions: RightsException[] = [];
  for (const { sql } of [...files.versioned, ...files.repeatable]) {
    if (/\b(grant|revoke)\b/i.test(sql)) {
      const statements = await parseStatements(sql).catch(() => []);
      exceptions.push(...statements.flatMap(readExceptions));
    }
  }
  return exceptions;
}

function readExceptions(statement: Node): RightsException[] {
  const defaults = (statement.AlterDefaultPrivilegesStmt as { action?: Grant } | undefined)?.action;
  const grant = defaults ?? (statement.GrantStmt as Grant | undefined);
  const kind = defaults ? "future" : KINDS[grant?.objtype ?? ""];
  if (!grant || !kind) {
    return [];
  }
  const names =
    defaults || grant.targtype === "ACL_TARGET_ALL_IN_SCHEMA"
      ? [undefined]
      : (grant.objects ?? []).map(lastName);
  const roles = (grant.grantees ?? []).map(({ RoleSpec: { roletype, rolename } }) =>
    roletype === "ROLESPEC_PUBLIC" ? "public" : (rolename ?? ""),
  );
  return names.flatMap((name) => roles.map((role) => ({ kind, name, role })));
}

/** The last part of the name of a RangeVar, a String or an ObjectWithArgs. */
function lastName({ RangeVar, String: text, ObjectWithArgs }: Record<string, Node>): string {
  const parts = ObjectWithArgs?.objname as { String: { sval: string } }[] | undefined;
  return String(RangeVar?.relname ?? text?.sval ?? parts?.at(-1)?.String.sval);
}
