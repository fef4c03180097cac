import assert from "node:assert/strict";

import { figuresTable, roundLine } from "../../../bench/platform/figures";
import { busyTicks } from "../../../bench/platform/idle";
import { sumMb } from "../../../bench/platform/memory";

const cells = (table: string) =>
  table
    .split("\n")
    .slice(2)
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map(([, ...row]) => row.slice(0, -1));

describe("the table of figures", () => {
  it("has medians, least and greatest values, and whether each goal was reached", () => {
    const figures = { coldUp: [15, 13, 14], down: [9, 8.1, 8.2], memory: [612, 610, 611] };
    assert.deepStrictEqual(cells(figuresTable(figures, "a starter")), [
      ["`npm run up` of a new stack", "14.0 s", "13.0 to 15.0", "at most 14 s", "reached"],
      ["`npm run down`", "8.2 s", "8.1 to 9.0", "at most 8 s", "missed"],
      ["resident memory of the containers", "611.0 MiB", "610.0 to 612.0", "", ""],
    ]);
  });

  it("has the ratio of medians to the containers alone, and to these and scripts", () => {
    const figures = { coldUp: [12], containers: [4], containersAndScripts: [5] };
    const rows = cells(figuresTable(figures, "Docker Compose"));
    assert.deepStrictEqual(rows.slice(1), [
      ["the same containers by Docker Compose", "4.0 s", "4.0 to 4.0", "", ""],
      ["these, then scripts for the rest", "5.0 s", "5.0 to 5.0", "", ""],
      ["new stack to the containers alone", "3.00", "", "", ""],
      ["new stack to these and scripts", "2.40", "", "at most 2.2", "missed"],
    ]);
  });
});

describe("the line of a round", () => {
  it("says that the first round does not count", () => {
    assert.strictEqual(
      roundLine(0, { coldUp: 12.34, memory: 600 }),
      "round 0 (not counted): coldUp 12.3 s, memory 600.0 MiB",
    );
  });
});

describe("the load of a machine", () => {
  it("is the time of its processors that is neither idle nor waiting for a disk", () => {
    const stat = "cpu  100 20 30 1000 50 4 3 2 7 1\ncpu0 1 1 1 1 1 1 1 1 1 1\n";
    assert.deepStrictEqual(busyTicks(stat), { busy: 159, all: 1209 });
  });
});

describe("the memory of containers", () => {
  it("is the sum of the lines of docker stats", () => {
    assert.strictEqual(sumMb("512KiB / 1GiB\n20.5MiB / 512MiB\n1GiB / 2GiB"), 1045);
  });

  it("is refused where a line has no memory", () => {
    assert.throws(() => sumMb("--  / --"), /docker stats printed --/);
  });
});
