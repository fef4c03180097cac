import assert from "node:assert/strict";

import { failed } from "../../../../cli/verify/errors";
import { right, unknown, type Verdict, wrong } from "../../../../cli/verify/finding";
import { EXIT_CODES, type Line, report, summary } from "../../../../cli/verify/report";
import { KafkaLoginError, KafkaUnreachableError } from "../../../../components/kafka/kafka-client";

const coded = (code: string, message = "") => Object.assign(new Error(message), { code });

describe("the report of verify", () => {
  it("asks everything, and keeps the order of areas and checks", async () => {
    const slow = {
      what: "slow",
      ask: () => new Promise<Line[]>((resolve) => setTimeout(() => resolve([]), 5)),
    };
    const made = await report("dev", [
      [
        "one",
        [slow, { what: "a", ask: () => Promise.resolve([right("a", "1"), right("b", "2")]) }],
      ],
      ["two", [{ what: "c", ask: () => Promise.resolve([right("c", "3")]) }]],
    ]);
    assert.deepStrictEqual(
      made.lines.map(({ area, what }) => [area, what]),
      [
        ["one", "a"],
        ["one", "b"],
        ["two", "c"],
      ],
    );
    assert.deepStrictEqual([made.verdict, made.counts.right], ["right", 3]);
  });

  it("has one unknown line for a check that fails, and all lines of the others", async () => {
    const made = await report("dev", [
      ["one", [{ what: "a", ask: () => Promise.reject(coded("ECONNREFUSED", "no answer")) }]],
      ["two", [{ what: "b", ask: () => Promise.resolve([right("b", "1")]) }]],
    ]);
    assert.deepStrictEqual(made.lines, [
      { area: "one", what: "a", verdict: "unknown", found: "no answer" },
      { area: "two", what: "b", verdict: "right", found: "1" },
    ]);
  });

  it("does not wait for a check that never ends", async () => {
    const never = { what: "a", ask: () => new Promise<never>(() => undefined) };
    const { lines } = await report("dev", [["one", [never]]], 1);
    assert.deepStrictEqual(lines, [
      { area: "one", what: "a", verdict: "unknown", found: "no answer within 0.001 s" },
    ]);
  });

  const of = (...verdicts: Verdict[]) =>
    summary(
      "dev",
      verdicts.map((verdict): Line => ({ area: "a", what: "b", verdict, found: "c" })),
    );

  it("is wrong where a line is, else unknown where a line is, and right without either", () => {
    const codes = [of("right"), of("right", "unknown"), of("unknown", "wrong", "right")].map(
      ({ verdict }) => EXIT_CODES[verdict],
    );
    assert.deepStrictEqual(codes, [0, 2, 1]);
    assert.deepStrictEqual(of("unknown", "wrong", "right", "right").counts, {
      ...{ right: 2, wrong: 1, unknown: 1 },
    });
  });
});

describe("a check that failed", () => {
  const refusals: [title: string, error: Error][] = [
    ["a password that PostgreSQL refuses", coded("28P01", "password")],
    ["a right that is missing", coded("42501", "permission denied")],
    ["a database that is missing", coded("3D000", "no database")],
    ["a function that raises an exception", coded("P0001", "raised")],
    ["a password that Redis refuses", new Error("WRONGPASS invalid")],
    ["a right that is missing in Redis", new Error("NOPERM this user")],
    ["a login that Kafka refuses", new KafkaLoginError("no")],
    ["a certificate that has expired", coded("CERT_HAS_EXPIRED", "expired")],
    ["a certificate of another authority", coded("SELF_SIGNED_CERT_IN_CHAIN", "self-signed")],
  ];
  for (const [title, error] of refusals) {
    it(`is wrong: ${title}`, () =>
      assert.deepStrictEqual(failed("a", error), wrong("a", error.message)));
  }

  const silences: [title: string, error: Error][] = [
    ["nothing listens", coded("ECONNREFUSED", "refused")],
    ["the connection breaks while something is sent", coded("EPIPE", "broken pipe")],
    ["no connection of PostgreSQL is left", coded("53300", "too many")],
    ["PostgreSQL is starting", coded("57P03", "starting up")],
    ["a lock is held by another session", coded("55P03", "lock")],
    ["Kafka does not answer", new KafkaUnreachableError("timeout")],
    ["Redis loads its data", new Error("LOADING Redis is loading")],
  ];
  for (const [title, error] of silences) {
    it(`is unknown: ${title}`, () =>
      assert.deepStrictEqual(failed("a", error), unknown("a", error.message)));
  }

  it("says what an error without a message of its own says inside", () => {
    const both = new AggregateError([coded("ECONNREFUSED", "connect ECONNREFUSED ::1:5432")]);
    assert.strictEqual(failed("a", both).found, "connect ECONNREFUSED ::1:5432");
  });
});
