import assert from "node:assert/strict";

import { type Mark, phasesOf } from "../../../bench/phases";

const resource = (type: string, start: number, at: number): Mark => ({
  ...{ mark: "resource", type, start, at },
});

describe("the phases of a run", () => {
  it("are the parts of a first up, with what the engine works on between them", () => {
    const phases = phasesOf([
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
    ]);
    assert.deepStrictEqual(
      phases.map(({ title, from, to }) => [title, from, to]),
      [
        ["the command loads", 0, 200],
        ["engine, Docker and stack are found", 200, 350],
        ["the plan is made and judged", 350, 750],
        ["stack and images are prepared", 750, 1400],
        ["the engine starts and the program loads", 1400, 2500],
        ["  passwords", 2500, 3500],
        ["  containers until they are healthy", 4400, 8500],
        ["  migrations", 8600, 9200],
        ["the engine works", 1400, 12_000],
        ["access points are shown", 12_000, 12_100],
        ["all", 0, 12_100],
      ],
    );
  });

  it("leave out what a command does not do", () => {
    const phases = phasesOf([
      { mark: "loaded", at: 200 },
      { mark: "prepared", at: 350 },
      resource("docker:index/volume:Volume", 1200, 1200),
      { mark: "planned", at: 4000 },
      { mark: "end", at: 4010 },
    ]);
    assert.deepStrictEqual(
      phases.map(({ title }) => title),
      [
        "the command loads",
        "engine, Docker and stack are found",
        "the plan is made and judged",
        "  network, volumes, images",
        "all",
      ],
    );
  });
});
