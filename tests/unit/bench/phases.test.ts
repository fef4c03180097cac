import assert from "node:assert/strict";

import { type Mark, phasesOf, phasesTable } from "../../../bench/phases/phases";

const resource = (type: string, start: number, at: number): Mark => ({
  ...{ mark: "resource", type, start, at },
});

describe("the phases of a run", () => {
  it("are the parts of a first up, with what the engine works on between them", () => {
    const marks = [
      { mark: "loaded", at: 200 },
      { mark: "prepared", at: 350 },
      { mark: "planned", at: 750 },
      { mark: "engine-start", at: 1400 },
      resource("random:index/randomPassword:RandomPassword", 2500, 3500),
      resource("docker:index/container:Container", 4400, 7200),
      resource("docker:index/container:Container", 4500, 8500),
      resource("pulumi-nodejs:dynamic/database:SchemaMigrations", 8600, 9200),
      { mark: "engine-end", at: 12_000 },
      { mark: "end", at: 12_100 },
    ];
    assert.deepStrictEqual(
      phasesOf(marks, 12_400).map(({ title, from, to }) => [title, from, to]),
      [
        ["the command loads", 0, 200],
        ["engine, Docker and stack are found", 200, 350],
        ["the plan is made and judged", 350, 750],
        ["stack and images are prepared", 750, 1400],
        ["the engine works", 1400, 12_000],
        ["- engine and program start", 1400, 2500],
        ["- passwords", 2500, 3500],
        ["- containers", 4400, 8500],
        ["- migrations", 8600, 9200],
        ["after the engine", 12_000, 12_100],
        ["npm, and the end of the process", 12_100, 12_400],
        ["all", 0, 12_400],
      ],
    );
  });

  it("count what a preview within the command works on as part of its plan", () => {
    const marks = [
      { mark: "prepared", at: 300 },
      resource("docker:index/container:Container", 1000, 1100),
      { mark: "planned", at: 2000 },
      { mark: "engine-start", at: 2100 },
      resource("kafka:index/topic:Topic", 3000, 3200),
      { mark: "engine-end", at: 4000 },
    ];
    const own = phasesOf(marks, 4000).filter(({ title }) => title.startsWith("- "));
    assert.deepStrictEqual(own, [
      { title: "- engine and program start", from: 2100, to: 3000 },
      { title: "- topics, users and rights of the broker", from: 3000, to: 3200 },
    ]);
  });

  it("of a command that plans nothing begin the engine's after its loading", () => {
    const marks = [
      { mark: "loaded", at: 300 },
      { mark: "engine-start", at: 900 },
      { mark: "engine-end", at: 4000 },
      { mark: "end", at: 4100 },
    ];
    assert.deepStrictEqual(
      phasesOf(marks, 4100).map(({ title, from, to }) => [title, from, to]),
      [
        ["the command loads", 0, 300],
        ["stack and images are prepared", 300, 900],
        ["the engine works", 900, 4000],
        ["after the engine", 4000, 4100],
        ["npm, and the end of the process", 4100, 4100],
        ["all", 0, 4100],
      ],
    );
  });

  it("leave out what a command does not do", () => {
    const marks = [
      { mark: "loaded", at: 200 },
      { mark: "prepared", at: 350 },
      resource("docker:index/volume:Volume", 1200, 1200),
      { mark: "planned", at: 4000 },
      { mark: "end", at: 4010 },
    ];
    assert.deepStrictEqual(
      phasesOf(marks, 4100).map(({ title, from, to }) => [title, from, to]),
      [
        ["the command loads", 0, 200],
        ["engine, Docker and stack are found", 200, 350],
        ["the plan is made and judged", 350, 4000],
        ["- engine and program start", 350, 1200],
        ["- network, volumes, images", 1200, 1200],
        ["after the engine", 4000, 4010],
        ["npm, and the end of the process", 4010, 4100],
        ["all", 0, 4100],
      ],
    );
  });

  it("of several runs are one table of medians, in which a phase of one run only is there too", () => {
    const runs = [
      [{ title: "all", from: 0, to: 3000 }],
      [{ title: "all", from: 0, to: 1000 }],
      [
        { title: "- migrations", from: 500, to: 750 },
        { title: "all", from: 0, to: 2000 },
      ],
    ];
    assert.strictEqual(
      phasesTable(runs),
      [
        "| phase        | from |   to | seconds | least to greatest |",
        "| ------------ | ---: | ---: | ------: | ----------------: |",
        "| all          | 0.00 | 2.00 |    2.00 |      1.00 to 3.00 |",
        "| - migrations | 0.50 | 0.75 |    0.25 |      0.25 to 0.25 |",
      ].join("\n"),
    );
  });
});
