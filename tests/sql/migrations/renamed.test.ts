import assert from "node:assert/strict";

import { inspect, migrate, repair } from "../../../migrator";
import {
  type Contents,
  migrations,
  recorded,
  type Subject,
  withSubject,
  witnessCounts,
  witnesses,
} from "./support";

const THREE = witnesses(3);
const { "0003_add_witness.sql": THIRD = "", ...TWO } = THREE;
const RENAMED = { ...TWO, "0003_add_other.sql": THIRD };
/** The branch that came second took the number of the first, and gave its own file the next one. */
const BOTH: Contents = {
  ...TWO,
  "0003_add_theirs.sql": "insert into witness values (33);",
  "0004_add_mine.sql": THIRD,
};
const MINE = { ...TWO, "0003_add_mine.sql": THIRD };

const faultsOf = async ({ target }: Subject, files: Contents) =>
  (await inspect(target, migrations(files))).faults.map(({ file, message }) =>
    `${file}  ${message}`.replace(/^.*\//, ""),
  );
const names = async (subject: Subject) => (await recorded(subject)).map(({ name }) => name);

describe("a renamed applied file", () => {
  it(
    "is reported as renamed, and one repair records the new name",
    withSubject(async (subject) => {
      const { target } = subject;
      await migrate(target, migrations(THREE));
      const [fault, ...others] = await faultsOf(subject, RENAMED);
      assert.match(
        fault ?? "",
        /^0003_add_other\.sql {2}was applied as 0003_add_witness\.sql, with the same hash\. Restore that name, or record the new one: .* repair \S+ --renamed 0003_add_other\.sql\.$/,
      );
      assert.deepEqual(others, []);
      const { renamed, missing, pending } = await inspect(target, migrations(RENAMED));
      assert.deepEqual(renamed, [{ from: "0003_add_witness.sql", to: "0003_add_other.sql" }]);
      assert.deepEqual([missing, pending], [[], []]);
      await repair(target, migrations(RENAMED), [{ kind: "renamed", name: "0003_add_other.sql" }]);
      assert.deepEqual(await faultsOf(subject, RENAMED), []);
      assert.deepEqual((await inspect(target, migrations(RENAMED))).drift, []);
      assert.deepEqual((await migrate(target, migrations(RENAMED))).applied, []);
      assert.deepEqual([...(await witnessCounts(subject)).values()], [1, 1, 1]);
    }),
  );

  it(
    "cannot be repaired by forget alone, as it would run twice, but by forget and applied together",
    withSubject(async (subject) => {
      const { target } = subject;
      await migrate(target, migrations(THREE));
      const forget = { kind: "forget", name: "0003_add_witness.sql" } as const;
      await assert.rejects(
        repair(target, migrations(RENAMED), [forget]),
        /not possible for any file now/,
      );
      await repair(target, migrations(RENAMED), [
        { kind: "applied", name: "0003_add_other.sql" },
        forget,
      ]);
      assert.deepEqual(await faultsOf(subject, RENAMED), []);
      assert.deepEqual((await migrate(target, migrations(RENAMED))).applied, []);
    }),
  );

  it(
    "with another text is repaired by forget and applied together",
    withSubject(async (subject) => {
      const { target } = subject;
      await migrate(target, migrations(THREE));
      const files = { ...TWO, "0003_add_other.sql": `${THIRD}-- Edited.\n` };
      assert.match(
        (await faultsOf(subject, files)).join(),
        /has the number of \S+, which is already applied/,
      );
      await repair(target, migrations(files), [
        { kind: "forget", name: "0003_add_witness.sql" },
        { kind: "applied", name: "0003_add_other.sql" },
      ]);
      assert.deepEqual(await faultsOf(subject, files), []);
      assert.deepEqual((await migrate(target, migrations(files))).applied, []);
    }),
  );

  it(
    "may have the number of another renamed file",
    withSubject(async (subject) => {
      const { target } = subject;
      const [first = "", second = "", third = ""] = Object.values(THREE) as string[];
      await migrate(target, migrations(THREE));
      const files = { "0001_a.sql": first, "0002_c.sql": third, "0003_b.sql": second };
      assert.equal((await faultsOf(subject, files)).length, 3);
      await repair(
        target,
        migrations(files),
        Object.keys(files).map((name) => ({ kind: "renamed", name }) as const),
      );
      assert.deepEqual(await names(subject), ["0001_a.sql", "0002_c.sql", "0003_b.sql"]);
      assert.deepEqual(await faultsOf(subject, files), []);
    }),
  );

  it(
    "is not guessed if two files have its hash",
    withSubject(async (subject) => {
      await migrate(subject.target, migrations(THREE));
      const files = { ...RENAMED, "0004_add_copy.sql": THIRD };
      assert.match(
        (await faultsOf(subject, files)).join(),
        /has the number of \S+, which is already applied/,
      );
    }),
  );
});

describe("two branches with the same number", () => {
  it(
    "are merged by one command, and each file runs once",
    withSubject(async (subject) => {
      const { target } = subject;
      await migrate(target, migrations(MINE));
      const faults = await faultsOf(subject, BOTH);
      assert.equal(faults.length, 2, faults.join("\n"));
      assert.match(faults[0] ?? "", /--renamed 0004_add_mine\.sql/);
      assert.match(
        faults[1] ?? "",
        /^0003_add_theirs\.sql {2}is new, but .* --late 0003_add_theirs\.sql/,
      );
      await repair(target, migrations(BOTH), [
        { kind: "renamed", name: "0004_add_mine.sql" },
        { kind: "late", name: "0003_add_theirs.sql" },
      ]);
      assert.deepEqual(await faultsOf(subject, BOTH), []);
      assert.deepEqual((await migrate(target, migrations(BOTH))).applied, ["0003_add_theirs.sql"]);
      assert.deepEqual(await names(subject), Object.keys(BOTH));
      assert.deepEqual(Object.fromEntries(await witnessCounts(subject)), {
        1: 1,
        2: 1,
        3: 1,
        33: 1,
      });
      assert.deepEqual((await migrate(target, migrations(BOTH))).applied, []);
    }),
  );

  it(
    "need no repair on a database that has neither file",
    withSubject(async (subject) => {
      await migrate(subject.target, migrations(TWO));
      const { applied } = await migrate(subject.target, migrations(BOTH));
      assert.deepEqual(applied, ["0003_add_theirs.sql", "0004_add_mine.sql"]);
    }),
  );

  it(
    "are refused again if the late file was edited after it was allowed",
    withSubject(async (subject) => {
      const { target } = subject;
      await migrate(target, migrations(MINE));
      await repair(target, migrations(BOTH), [
        { kind: "renamed", name: "0004_add_mine.sql" },
        { kind: "late", name: "0003_add_theirs.sql" },
      ]);
      const edited = { ...BOTH, "0003_add_theirs.sql": "insert into witness values (34);" };
      assert.match(
        (await faultsOf(subject, edited)).join(),
        /is new, but its number is below 0004/,
      );
    }),
  );
});
