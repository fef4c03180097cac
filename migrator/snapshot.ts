import { expectAfter } from "./drift";
import {
  byTitle,
  type Catalogue,
  type CatalogueObject,
  readCatalogue,
  readWording,
} from "./schema-objects";
import { Session } from "./session";

// A snapshot is valid only for the ledger of the moment when it was taken. After a killed run the digest differs, and
// changes of that run cannot be told from changes by hand.
const LEDGER_DIGEST = `
select md5(coalesce(string_agg(concat_ws(' ', name, checksum, finished_at is not null), e'\\n' order by name), ''))
from migrations.ledger`;

/** Reads the objects that a database should have; undefined if no snapshot is valid for its ledger. */
export async function readExpected(session: Session): Promise<Catalogue | undefined> {
  const [found] = await session.query<{ exists: boolean }>(
    "select to_regclass('migrations.snapshot') is not null as exists",
  );
  if (!found?.exists) {
    return undefined;
  }
  const [row] = await session.query<{ objects: CatalogueObject[] }>(
    `select objects from migrations.snapshot where wording = $1 and ledger_digest = (${LEDGER_DIGEST})`,
    [await readWording(session)],
  );
  return row && byTitle(session, row.objects);
}

/** Replaces the objects that the database should have. */
export async function writeExpected(session: Session, expected: Catalogue): Promise<void> {
  await session.query(
    `insert into migrations.snapshot (taken_at, ledger_digest, wording, objects)
     select clock_timestamp(), (${LEDGER_DIGEST}), $1, $2
     on conflict (one) do update set (taken_at, ledger_digest, wording, objects)
       = row (excluded.taken_at, excluded.ledger_digest, excluded.wording, excluded.objects)`,
    [await readWording(session), JSON.stringify([...expected.values()])],
  );
}

/** Takes the snapshot after a run; changes by hand before it are still reported. */
export async function takeSnapshot(
  session: Session,
  before?: { expected: Catalogue; found: Catalogue },
): Promise<void> {
  const after = await readCatalogue(session);
  await writeExpected(session, before ? expectAfter(before.expected, before.found, after) : after);
}
