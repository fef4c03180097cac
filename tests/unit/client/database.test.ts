import assert from "node:assert/strict";

import { DatabaseError } from "pg";

import { StatementNames } from "../../../client/src/database/statement-names";
import { isConflict, isLost } from "../../../client/src/database/transient";

const answer = (code: string) => Object.assign(new DatabaseError("text", 1, "error"), { code });
const failure = (code: string, message = "text") => Object.assign(new Error(message), { code });

describe("Errors of a database", () => {
  const cases: [title: string, error: unknown, conflict: boolean, lost: boolean][] = [
    ["a serialization failure", answer("40001"), true, false],
    ["a deadlock", answer("40P01"), true, false],
    ["a server that is shut down", answer("57P01"), false, true],
    ["a server that is starting", answer("57P03"), false, true],
    ["a server with no connection left", answer("53300"), false, true],
    ["a connection failure that a proxy reports", answer("08006"), false, true],
    ["a violated constraint", answer("23505"), false, false],
    ["a statement that took too long", answer("57014"), false, false],
    ["a refused connection", failure("ECONNREFUSED"), false, true],
    ["all addresses refused", new AggregateError([failure("ECONNREFUSED")]), false, true],
    ["one of the addresses refused", new AggregateError([failure("X")]), false, false],
    ["a connection that ended", new Error("Connection terminated unexpectedly"), false, true],
    ["a lost connection that a library wrapped", wrap(failure("ECONNRESET")), false, true],
    ["a deadlock that a library wrapped", wrap(answer("40P01")), true, false],
    ["an error of the service", new TypeError("x is undefined"), false, false],
    ["nothing", undefined, false, false],
  ];
  for (const [title, error, conflict, lost] of cases) {
    it(`${title}: ${conflict ? "conflict" : lost ? "lost" : "neither"}`, () =>
      assert.deepEqual([isConflict(error), isLost(error)], [conflict, lost]));
  }

  function wrap(cause: Error) {
    return new Error("Failed query", { cause });
  }
});

describe("Names of statements", () => {
  it("are given after the threshold, and stay", () => {
    const names = new StatementNames(2, 10);
    const given = [1, 2, 3, 4].map(() => names.nameOf("select 1"));
    assert.deepEqual(given.slice(0, 2), [undefined, undefined]);
    assert.match(given[2]!, /^s[0-9a-f]{16}$/);
    assert.equal(given[3], given[2]);
  });

  it("are given anew where a plan is stale, once for all connections that have it", () => {
    const names = new StatementNames(0, 10);
    const first = names.nameOf("select 1");
    names.renew("select 1", first);
    const second = names.nameOf("select 1");
    names.renew("select 1", first);
    assert.notEqual(second, first);
    assert.equal(names.nameOf("select 1"), second);
    names.renew("select 2", undefined);
    assert.match(names.nameOf("select 2")!, /^s[0-9a-f]{16}$/);
  });

  it("differ between texts", () => {
    const names = new StatementNames(0, 10);
    assert.notEqual(names.nameOf("select 1"), names.nameOf("select 2"));
  });

  it("are given to no more than the limit", () => {
    const names = new StatementNames(1, 2);
    const given = ["a", "b", "c", "a", "b", "c", "c"].map((text) => names.nameOf(text));
    assert.deepEqual(
      given.map((name) => name !== undefined),
      [false, false, false, true, true, false, false],
    );
  });

  it("forget texts that are run once, and remember those that run often", () => {
    const names = new StatementNames(1, 2);
    names.nameOf("often");
    const name = names.nameOf("often");
    for (let index = 0; index < 1_000; index += 1) {
      names.nameOf(`once ${index}`);
    }
    assert.equal(names.nameOf("often"), name);
    assert.equal(names.nameOf("once 0"), undefined);
    assert.ok(names.nameOf("once 0") !== undefined, "a text that comes back may still get a name");
  });
});
