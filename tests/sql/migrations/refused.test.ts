import assert from "node:assert/strict";

import { inspect, migrate, MigrationFiles } from "../../../migrator";
import { migrations, Subject, withSubject, witnessCounts, witnesses } from "./support";

const THREE = witnesses(3);
const FOUR = witnesses(4);

/** Refused by inspect and by migrate with the same words, before anything is run. */
async function refuses(subject: Subject, files: MigrationFiles, ...faults: RegExp[]) {
  const before = await witnessCounts(subject);
  const status = await inspect(subject.target, files);
  assert.equal(status.faults.length, faults.length, JSON.stringify(status.faults));
  for (const [index, pattern] of faults.entries()) {
    const { file, message } = status.faults[index]!;
    assert.match(`${file}  ${message}`, pattern);
  }
  await assert.rejects(migrate(subject.target, files), (error: Error) => {
    assert.equal(error.name, "MigrationPlanError");
    for (const { file, message } of status.faults) {
      assert.ok(error.message.includes(`${file}  ${message}`));
    }
    return true;
  });
  assert.deepEqual(await witnessCounts(subject), before);
  return status;
}

describe("files that contradict the ledger", () => {
  it(
    "refuses an applied file that was edited, with both hashes",
    withSubject(async (subject) => {
      const original = migrations(THREE);
      await migrate(subject.target, original);
      const edited = migrations({ ...FOUR, "0002_add_witness.sql": "select 'edited'" });
      const [recorded, current] = [original, edited].map((files) => files.versioned[1]!.checksum);
      const status = await refuses(
        subject,
        edited,
        new RegExp(`0002_add_witness.sql  changed after .* sha256 ${recorded}, now ${current}`),
      );
      assert.deepEqual(status.changed, [{ name: "0002_add_witness.sql", recorded, current }]);
    }),
  );

  it(
    "refuses a database that is ahead of the files",
    withSubject(async (subject) => {
      await migrate(subject.target, migrations(THREE));
      const status = await refuses(
        subject,
        migrations(witnesses(2)),
        /0003_add_witness.sql  is applied, but .* the database is ahead of this checkout/,
      );
      assert.deepEqual(status.missing, ["0003_add_witness.sql"]);
    }),
  );

  it(
    "refuses to run if an applied file was removed",
    withSubject(async (subject) => {
      await migrate(subject.target, migrations(THREE));
      const { versioned, repeatable } = migrations(FOUR);
      const without = versioned.filter(({ version }) => version !== "0002");
      await refuses(
        subject,
        { versioned: without, repeatable },
        /^0002_add_witness.sql  was applied, but its file is missing/,
      );
    }),
  );

  it(
    "refuses another file under an applied number",
    withSubject(async (subject) => {
      await migrate(subject.target, migrations(THREE));
      const { "0003_add_witness.sql": text, ...rest } = THREE;
      await refuses(
        subject,
        migrations({ ...rest, "0003_add_other.sql": `${text}-- Another text.\n` }),
        /0003_add_other.sql  has the number of 0003_add_witness.sql, which is already applied/,
      );
    }),
  );

  it(
    "refuses a late file, unless files out of order are allowed",
    withSubject(async (subject) => {
      const { versioned, repeatable } = migrations(FOUR);
      const early = versioned.filter(({ version }) => version !== "0002");
      await migrate(subject.target, { versioned: early, repeatable });
      const status = await refuses(
        subject,
        migrations(FOUR),
        /0002_add_witness.sql  is new, but its number is below 0004/,
      );
      assert.deepEqual(status.outOfOrder, ["0002_add_witness.sql"]);
      const { applied } = await migrate(subject.target, migrations(FOUR), {
        allowOutOfOrder: true,
      });
      assert.deepEqual(applied, ["0002_add_witness.sql"]);
    }),
  );

  it(
    "lists all contradictions at once",
    withSubject(async (subject) => {
      await migrate(subject.target, migrations(THREE));
      await refuses(
        subject,
        migrations({ "0001_add_witness.sql": "select 1", "0002_add_witness.sql": "select 2" }),
        /0001_add_witness.sql  changed/,
        /0002_add_witness.sql  changed/,
        /0003_add_witness.sql  is applied, but/,
      );
    }),
  );
});
