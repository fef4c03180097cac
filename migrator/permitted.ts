import type { Session } from "./session";

/** What somebody agreed to by a repair; kept beside the snapshot, whatever the ledger is afterwards. */
export interface Permitted {
  /** Privileges by their object: rights that are to stay although they are not as designed. */
  rights: Record<string, string>;
  /** Hash by name of files that may run although their number is below an applied one. */
  late: Record<string, string>;
}

/** Reads it from a database that any runner, or none, has been at. */
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

/** Adds to it; needs the snapshot's row. */
export async function permit(session: Session, more: Partial<Permitted>): Promise<void> {
  const { rights, late } = await readPermitted(session);
  await session.query(
    "alter table migrations.snapshot add column if not exists permitted jsonb not null default '{}'",
  );
  await session.query("update migrations.snapshot set permitted = $1", [
    JSON.stringify({ rights: { ...rights, ...more.rights }, late: { ...late, ...more.late } }),
  ]);
}
