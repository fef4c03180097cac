import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { withRows } from "../../../tools/verify-real/document";
import {
  CouldNotTell,
  judgeProbe,
  judgeTests,
  lookAndJudge,
  type ProbeCheck,
  type RunningStack,
  type TestCheck,
  type TestOutcome,
  worst,
} from "../../../tools/verify-real/row";
import { ROWS } from "../../../tools/verify-real/rows";
import { ROOT } from "../support/program";

const probes = ROWS.flatMap(({ id, checks }) =>
  checks.flatMap((check) => (check.kind === "probe" ? [{ id, check }] : [])),
);
const tests = ROWS.flatMap(({ checks }) =>
  checks.flatMap((check) => (check.kind === "tests" ? [check] : [])),
);

/** For each row: the right answer of its probe, and wrong answers. */
const SIGHTS: Record<string, [right: string, ...wrong: string[]]> = {
  "redpanda-start": ["healthy", "unhealthy", "starting", ""],
  "redpanda-permissions": ["", "unable to chown temp config file: operation not permitted"],
  "no-auto-topics": ["false", "true", "status 403"],
  "no-write-caching": ['"false"', '"true"', "status 403", "undefined"],
  "admin-login": ["403 401 200 200", "200 200 200 200", "403 401 403 200", "403 401 200 403"],
  "admin-rights": ["403", "200", "401"],
  "admin-rotation": ["200 200 401 403 200", "200 200 403 401 200", "200 400 403 401 200"],
  "registry-rights": ["200 200", "200 403", "403 403"],
  console: ["healthy", "unhealthy"],
  "console-schemas": ["still there", "deleted (the Console answered 200)"],
  "postgres-host": ["172.18.0.1", "", "pg_hba.conf rejects connection"],
  "redis-rights": [
    String(probes.find(({ id }) => id === "redis-rights")?.check.expected),
    "acl|cat",
    "flushall",
  ],
  memory: ["1535 MiB", "1536 MiB", "12345 MiB", "1,2 MiB"],
};

describe("the rows of docs/verification.md", () => {
  it("have different ids, and at least one check and one part each", () => {
    const ids = ROWS.map(({ id }) => id);
    assert.strictEqual(new Set(ids).size, ids.length);
    assert.ok(ROWS.every(({ checks, parts }) => checks.length > 0 && parts.length > 0));
  });

  it("are the same in the page", async () => {
    const document = readFileSync(path.join(ROOT, "docs", "verification.md"), "utf8");
    assert.strictEqual(await withRows(document, ROWS), document, "run npm run docs:verification");
  });

  it("have their probes' answers listed in this test", () => {
    assert.deepStrictEqual([...new Set(probes.map(({ id }) => id))], Object.keys(SIGHTS));
  });

  for (const { id, check } of probes) {
    it(`are ok in ${id} if ${check.command} answers as expected, and differ otherwise`, () => {
      const [right, ...wrong] = SIGHTS[id];
      assert.strictEqual(judgeProbe(check, right).verdict, "ok");
      assert.ok(wrong.length > 0);
      for (const sight of wrong) {
        assert.strictEqual(judgeProbe(check, sight).verdict, "differs", sight);
      }
    });
  }

  for (const check of tests) {
    it(`name tests that exist: ${check.file} ${check.titles?.join(", ") ?? ""}`, () => {
      const file = path.join(ROOT, "tests", "e2e", check.file);
      assert.ok(existsSync(file), file);
      const source = readFileSync(file, "utf8");
      for (const title of check.titles ?? []) {
        // A title begins with these words, in quotes or as a template.
        assert.match(source, new RegExp(`it\\(\\s*["\`]${title.replace(/[.?]/g, "\\$&")}`));
      }
    });
  }
});

describe("a row", () => {
  const check: TestCheck = { kind: "tests", file: "4-x.test.ts", titles: ["sends", "reads"] };
  const outcome = (words: string, state: TestOutcome["state"], file = "4-x.test.ts") =>
    ({ file, fullTitle: `The broker ${words}`, state, message: "401 == 403" }) as TestOutcome;

  const cases: [title: string, outcomes: TestOutcome[], verdict: string][] = [
    ["is ok if its tests passed", [outcome("sends", "passed"), outcome("reads", "passed")], "ok"],
    ["differs if one failed", [outcome("sends", "failed"), outcome("reads", "passed")], "differs"],
    ["is open if one did not run", [outcome("sends", "passed")], "could not tell"],
    [
      "is open if one was skipped",
      [outcome("sends", "passed"), outcome("reads", "skipped")],
      "could not tell",
    ],
    [
      "is open if only tests of another file ran",
      [outcome("sends", "passed", "5-x.test.ts"), outcome("reads", "passed", "5-x.test.ts")],
      "could not tell",
    ],
  ];
  for (const [title, outcomes, verdict] of cases) {
    it(title, () => assert.strictEqual(judgeTests(check, outcomes).verdict, verdict));
  }

  it("names the failed test and its error", () => {
    const { seen } = judgeTests(check, [outcome("sends", "failed"), outcome("reads", "passed")]);
    assert.match(seen, /The broker sends: 401 == 403/);
  });

  it("differs with one difference, and is open with one missing answer", () => {
    const ok = { verdict: "ok", seen: "a" } as const;
    const open = { verdict: "could not tell", seen: "b" } as const;
    const differs = { verdict: "differs", seen: "c" } as const;
    assert.deepStrictEqual(worst([ok, open, differs]), differs);
    assert.deepStrictEqual(worst([ok, open]), open);
    assert.deepStrictEqual(worst([ok, { ...ok, seen: "d" }]), { verdict: "ok", seen: "a; d" });
  });

  it("is open if a question has no answer, and differs if a server does not answer", async () => {
    const probe = (error: Error): ProbeCheck => ({
      kind: "probe",
      command: "ask",
      expected: "yes",
      look: () => Promise.reject(error),
    });
    const stack = {} as RunningStack;
    assert.deepStrictEqual(await lookAndJudge(probe(new CouldNotTell("no such path")), stack), {
      verdict: "could not tell",
      seen: "no such path",
    });
    assert.deepStrictEqual(await lookAndJudge(probe(new Error("ECONNREFUSED")), stack), {
      verdict: "differs",
      seen: "an error instead of yes: ECONNREFUSED",
    });
  });
});
