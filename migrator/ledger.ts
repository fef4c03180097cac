import { MigrationFile } from "./files";
import { Session } from "./session";

/** The runner that wrote a row; raised when the runner's effect on a database changes. */
export const RUNNER_VERSION = "2";

/** A row of `migrations.ledger`: a file that was applied, or one that was started and did not finish. */
export interface LedgerRow {
  name: string;
  version: string | null;
  kind: "versioned" | "repeatable";
  checksum: string;
  startedAt: Date;
  /** Null while a statement outside of a transaction runs, and if it did not finish. */
  finishedAt: Date | null;
  durationMs: number | null;
}

// The owner's default privileges grant the application's role rights on the ledger, so every grant except the
// owner's is revoked.
const CREATE_LEDGER = `
begin;
create schema if not exists migrations;
comment on schema migrations is 'The files of the repository that were applied to this database; written by the migration runner.';
create table if not exists migrations.ledger (
  name text primary key,
  version text unique,
  kind text not null,
  checksum text not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  duration_ms integer,
  runner_version text not null,
  constraint ledger_kind_known check (kind in ('versioned', 'repeatable')),
  constraint ledger_version_fits_kind check ((kind = 'versioned') = (version is not null)),
  constraint ledger_checksum_is_sha256 check (checksum ~ '^[0-9a-f]{64}$'),
  constraint ledger_duration_fits_finish check ((finished_at is null) = (duration_ms is null))
);
create table if not exists migrations.snapshot (
  one boolean primary key default true,
  taken_at timestamptz not null,
  ledger_digest text not null,
  wording text not null,
  objects jsonb not null,
  constraint snapshot_is_one check (one)
);
comment on table migrations.snapshot is 'The objects of this database after the last run of migrations; compared to find changes by hand.';
comment on table migrations.ledger is 'One row per file. finished_at is null if a statement outside of a transaction did not finish.';
do $$
declare
  extra record;
begin
  for extra in
    select 'schema migrations' as object, grantee, nspowner as owner
    from pg_namespace, aclexplode(nspacl) where nspname = 'migrations'
    union
    select 'table migrations.ledger', grantee, relowner
    from pg_class, aclexplode(relacl) where oid = 'migrations.ledger'::regclass
    union
    select 'table migrations.snapshot', grantee, relowner
    from pg_class, aclexplode(relacl) where oid = 'migrations.snapshot'::regclass
  loop
    if extra.grantee = 0 then
      execute format('revoke all on %s from public', extra.object);
    elsif extra.grantee <> extra.owner then
      execute format('revoke all on %s from %s', extra.object, extra.grantee::regrole);
    end if;
  end loop;
end
$$;
commit`;

const READ_LEDGER = `
select name, version, kind, checksum, started_at as "startedAt", finished_at as "finishedAt",
  duration_ms as "durationMs"
from migrations.ledger order by kind desc, version, name`;

// Half-finished objects that failed statements outside of a transaction leave.
const LEFTOVERS = `
select 'invalid index ' || indexrelid::regclass as what,
  'Undo it: drop index ' || indexrelid::regclass as remedy
from pg_index where not indisvalid
union all
select 'half-detached partition ' || inhrelid::regclass,
  'Complete it: alter table ' || inhparent::regclass || ' detach partition ' || inhrelid::regclass || ' finalize'
from pg_inherits where inhdetachpending
order by 1`;

/** The rows in order of version, or undefined if there is no ledger yet. */
export async function readLedger(session: Session): Promise<LedgerRow[] | undefined> {
  const [found] = await session.query<{ exists: boolean }>(
    "select to_regclass('migrations.ledger') is not null as exists",
  );
  return found?.exists ? session.query<LedgerRow>(READ_LEDGER) : undefined;
}

/** Creates missing schema and tables. They belong to the owner, and no other role has rights on them. */
export async function createLedger(session: Session): Promise<void> {
  await session.query(CREATE_LEDGER);
}

/** Records a file in the transaction that ran it. A repeatable file's earlier row is replaced. */
export async function recordApplied(
  session: Session,
  file: MigrationFile,
  durationMs: number,
): Promise<void> {
  const onRepeat =
    file.version === undefined
      ? `on conflict (name) do update set (checksum, started_at, finished_at, duration_ms, runner_version)
         = row (excluded.checksum, excluded.started_at, excluded.finished_at, excluded.duration_ms, excluded.runner_version)`
      : "";
  await session.query(
    `insert into migrations.ledger
       (name, version, kind, checksum, started_at, finished_at, duration_ms, runner_version)
     values ($1, $2, $3, $4, now(), clock_timestamp(), $5, $6) ${onRepeat}`,
    [...keyColumns(file), Math.round(durationMs), RUNNER_VERSION],
  );
}

/** Records that a statement outside of a transaction starts. */
export async function recordStarted(session: Session, file: MigrationFile): Promise<void> {
  await session.query(
    `insert into migrations.ledger (name, version, kind, checksum, started_at, runner_version)
     values ($1, $2, $3, $4, clock_timestamp(), $5)`,
    [...keyColumns(file), RUNNER_VERSION],
  );
}

export async function recordFinished(
  session: Session,
  name: string,
  durationMs: number,
): Promise<void> {
  await session.query(
    "update migrations.ledger set finished_at = clock_timestamp(), duration_ms = $2 where name = $1",
    [name, Math.round(durationMs)],
  );
}

/** Deletes a row: of a statement that failed and left nothing behind, or of a removed file. */
export async function deleteRow(session: Session, name: string): Promise<void> {
  await session.query("delete from migrations.ledger where name = $1", [name]);
}

/** Renames rows; the new names and numbers may be those of other renamed rows. */
export async function renameRows(
  session: Session,
  renamed: { from: string; to: string }[],
): Promise<void> {
  const [taken] = await session.query<{ rows: object[] | null }>(
    `with taken as (delete from migrations.ledger where name = any ($1) returning *)
     select jsonb_agg(to_jsonb(taken)) as rows from taken`,
    [renamed.map(({ from }) => from)],
  );
  await session.query(
    `insert into migrations.ledger
     select (jsonb_populate_record(null::migrations.ledger, old || jsonb_build_object(
       'name', renamed.name, 'version', left(renamed.name, 4)))).*
     from jsonb_array_elements($1) old
     join jsonb_each_text($2) renamed (former, name) on renamed.former = old ->> 'name'`,
    [
      JSON.stringify(taken?.rows ?? []),
      JSON.stringify(Object.fromEntries(renamed.map(({ from, to }) => [from, to]))),
    ],
  );
}

/** Records another text as the applied one. */
export async function replaceChecksum(
  session: Session,
  name: string,
  checksum: string,
): Promise<void> {
  await session.query("update migrations.ledger set checksum = $2 where name = $1", [
    name,
    checksum,
  ]);
}

/**
 * Deletes the rows of removed repeatable files. If such a file comes back, perhaps after a migration dropped its
 * objects, it runs again although its hash is not new.
 */
export async function forgetRepeatables(session: Session, kept: string[]): Promise<void> {
  await session.query(
    "delete from migrations.ledger where kind = 'repeatable' and name <> all ($1)",
    [kept],
  );
}

/** A half-finished object that a statement outside of a transaction left. */
export interface Leftover {
  /** `invalid index public.users_email_idx`, `half-detached partition public.days_1`. */
  what: string;
  /** A sentence, without its full stop, with the SQL that removes or completes it. */
  remedy: string;
}

/** Invalid indexes and half-detached partitions of the database, by name. */
export async function readLeftovers(session: Session): Promise<Leftover[]> {
  return session.query<Leftover>(LEFTOVERS);
}

function keyColumns(file: MigrationFile): unknown[] {
  const kind = file.version === undefined ? "repeatable" : "versioned";
  return [file.name, file.version ?? null, kind, file.checksum];
}
