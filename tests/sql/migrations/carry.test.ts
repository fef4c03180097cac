import assert from "node:assert/strict";

import { carrySnapshot, formatDrift, inspect, migrate } from "../../../migrator";
import { migrations, type Subject, withSubject } from "./support";

const FILES = migrations({
  "0001_create_books.sql": "create table books (id integer primary key, title text not null);",
});
const BY_HAND = "set role user_service_owner; create table notes (id integer); reset role";

/** Acts on a database and on a copy of it, in which another server's version is noted. */
const withCopy = (act: (before: Subject, copy: Subject) => Promise<void>) =>
  withSubject((before) =>
    withSubject(async (copy) => {
      for (const { target } of [before, copy]) {
        await migrate(target, FILES);
      }
      await copy.rows("update migrations.snapshot set wording = 'of another version'");
      await act(before, copy);
    })(),
  );

describe("what a database should hold, carried to a copy on a server of another version", () => {
  it(
    "is known there again",
    withCopy(async (before, copy) => {
      assert.equal((await inspect(copy.target, FILES)).drift, undefined);
      await carrySnapshot(before.target, copy.target);
      assert.deepEqual((await inspect(copy.target, FILES)).drift, []);
    }),
  );

  it(
    "does not hide what was changed by hand before",
    withCopy(async (before, copy) => {
      await before.rows(BY_HAND);
      await copy.rows(BY_HAND);
      await carrySnapshot(before.target, copy.target);
      const { drift = [] } = await inspect(copy.target, FILES);
      assert.match(drift.map(formatDrift).join("\n"), /^table notes is not from a migration\./);
    }),
  );

  it(
    "stays unknown where it was unknown before",
    withCopy(async (before, copy) => {
      await before.rows("update migrations.snapshot set ledger_digest = 'of a killed run'");
      await carrySnapshot(before.target, copy.target);
      assert.equal((await inspect(copy.target, FILES)).drift, undefined);
    }),
  );
});
