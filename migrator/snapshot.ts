import { expectAfter } from "./drift";
import {
  byTitle,
  type Catalogue,
  type CatalogueObject,
  readCatalogue,
  readWording,
} from "./schema-objects";
import { Session } from "./session";

// A snapshot belongs to the ledger as it was when it was taken: after a run that was killed the two differ, and
// nobody can tell any more what that run changed and what somebody did by hand.
const LEDGER_DIGEST = `
select md5(coalesce(string_agg(concat_ws(' ', name, checksum, finished_at is not null), e'\\n' order by name), ''))
from migrations.ledger`;

/** What a database should consist of, or undefined where no snapshot belongs to the ledger as it is. */
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

/** Keeps what the database should consist of from here on, in place of what was kept before. */
export async function writeExpected(session: Session, expected: Catalogue): Promise<void> {
  await session.query(
    `insert into migrations.snapshot (taken_at, ledger_digest, wording, objects)
     select clock_timestamp(), (${LEDGER_DIGEST}), $1, $2
     on conflict (one) do update set (taken_at, ledger_digest, wording, objects)
       = row (excluded.taken_at, excluded.ledger_digest, excluded.wording, excluded.objects)`,
    [await readWording(session), JSON.stringify([...expected.values()])],
  );
}

/** Takes the snapshot after a run; what was changed by hand before it stays a difference. */
export async function keepSnapshot(
  session: Session,
  before?: { expected: Catalogue; found: Catalogue },
): Promise<void> {
  const after = await readCatalogue(session);
  await writeExpected(session, before ? expectAfter(before.expected, before.found, after) : after);
}
