import type { Session } from "./session";

/** Exceptions that a repair recorded; kept beside the snapshot, whatever happens to the ledger. */
export interface Permitted {
  /** Privileges by object: rights that stay although they differ from the design. */
  rights: Record<string, string>;
  /** Hash by name of files that may run although a higher number is already applied. */
  late: Record<string, string>;
}

/** Reads the exceptions; works on a database of an earlier runner and on one without a ledger. */
export async function readPermitted(session: Session): Promise<Permitted> {
  const [known] = await session.query<{ exists: boolean }>(
    "select to_regclass('migrations.snapshot') is not null as exists",
  );
  // An earlier runner's table has no such column.
  const [row] = known?.exists
    ? await session.query<{ permitted: Partial<Permitted> | null }>(
        "select to_jsonb(s) -> 'permitted' as permitted from migrations.snapshot s",
      )
    : [];
  return { rights: {}, late: {}, ...row?.permitted };
}

/** Adds exceptions; the snapshot must exist. */
export async function permit(session: Session, more: Partial<Permitted>): Promise<void> {
  const { rights, late } = await readPermitted(session);
  await session.query(
    "alter table migrations.snapshot add column if not exists permitted jsonb not null default '{}'",
  );
  await session.query("update migrations.snapshot set permitted = $1", [
    JSON.stringify({ rights: { ...rights, ...more.rights }, late: { ...late, ...more.late } }),
  ]);
}
