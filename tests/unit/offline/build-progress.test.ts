import assert from "node:assert/strict";

import { BuildEstimate, roundedTime } from "../../../offline/build-progress";

const package_ = (importPath: string, bytes: number, folder = importPath, name = "some") => ({
  importPath,
  name,
  folder,
  bytes,
});

/** A hundred packages of one size, and one command, of which the link takes as long as ten of them. */
const hundred = () =>
  new BuildEstimate(
    Array.from({ length: 100 }, (_, at) =>
      package_(`package-${at}`, 167_000, `folder-${at}`, at === 99 ? "main" : "some"),
    ),
    2,
  );

const build = (estimate: BuildEstimate, from: number, to: number) => {
  for (let at = from; at < to; at++) {
    estimate.line(`package-${at}`, at + 1);
  }
};

describe("the progress of a build", () => {
  it("names no time before it has seen a part of the work", () => {
    const estimate = hundred();
    assert.deepStrictEqual(estimate.at(5), { percent: 0 });
    build(estimate, 0, 3);
    assert.strictEqual(estimate.at(3).left, undefined);
  });

  it("tells the rest from the speed so far, with the link", () => {
    const estimate = hundred();
    build(estimate, 0, 52);
    const { percent, left } = estimate.at(52);
    assert.strictEqual(percent, 45);
    assert.ok(left !== undefined && left > 55 && left < 70, String(left));
  });

  it("goes on between two lines, as far as what is being compiled", () => {
    const estimate = hundred();
    build(estimate, 0, 52);
    const [before, soon, late, later] = [52, 53, 60, 90].map((at) => estimate.at(at).left ?? 0);
    assert.ok(soon < before);
    assert.ok(late < soon);
    assert.strictEqual(later, late);
  });

  it("counts the link at the end, and never says that all is done", () => {
    const estimate = hundred();
    build(estimate, 0, 100);
    assert.ok((estimate.at(101).left ?? 0) > 5);
    assert.strictEqual(estimate.at(1000).percent, 99);
  });

  it("takes no notice of other lines", () => {
    const estimate = hundred();
    build(estimate, 0, 52);
    const before = estimate.at(52);
    estimate.line("# package-60", 52);
    estimate.line("package-51", 52);
    assert.deepStrictEqual(estimate.at(52), before);
  });

  it("weighs packages by their sources", () => {
    const sizes = { small: 1_000, large: 3_000_000, last: 1_000 };
    const estimate = new BuildEstimate(
      Object.entries(sizes).map(([name, bytes]) => package_(name, bytes)),
      1,
    );
    estimate.line("small", 1);
    estimate.line("large", 2);
    assert.ok(estimate.at(2).percent < 3);
    estimate.line("last", 30);
    assert.ok(estimate.at(30).percent > 95);
  });

  it("counts a package of two modules once, and two versions of one twice", () => {
    const rows = [
      package_("shared", 1_000_000, "shared@1"),
      package_("sdk", 1_000_000, "sdk@3.60"),
      package_("shared", 1_000_000, "shared@1"),
      package_("sdk", 1_000_000, "sdk@3.259"),
    ];
    const estimate = new BuildEstimate(rows, 1);
    ["shared", "sdk", "sdk"].forEach((name, at) => estimate.line(name, at + 1));
    assert.strictEqual(estimate.at(3).percent, 66);
  });
});

describe("a time that is left", () => {
  for (const [seconds, text] of [
    [1, "10 s"],
    [44, "40 s"],
    [58, "1 min"],
    [91, "1 min 30 s"],
    [240, "4 min"],
  ] as const) {
    it(`of ${seconds} s is ${text}`, () => assert.strictEqual(roundedTime(seconds), text));
  }
});
