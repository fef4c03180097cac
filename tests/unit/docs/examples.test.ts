import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { parse } from "yaml";

import { parseConfig } from "../../../config";
import { engineConfig, ROOT, type Settings } from "../support/program";

const FOLDER = path.join(ROOT, "docs", "examples");

/** The settings of a file, by key without the project. */
function settingsOf(file: string): Settings {
  const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(/^learning-platform:/, ""), value]),
  );
}

describe("the examples of settings", () => {
  const files = readdirSync(FOLDER).filter((file) => /^Pulumi\..*\.yaml$/.test(file));

  it("are those of staging and prod", () => {
    assert.deepStrictEqual(files, ["Pulumi.prod.yaml", "Pulumi.staging.yaml"]);
  });

  for (const file of files) {
    it(`in ${file} are valid, and protect the data`, () => {
      const config = parseConfig(
        file.split(".")[1],
        engineConfig(settingsOf(path.join(FOLDER, file))),
      );
      assert.strictEqual(config.protect, true);
      assert.strictEqual(config.fsync, true);
      assert.strictEqual(config.timeToLiveHours, 0);
    });
  }

  it("in Pulumi.pr.yaml are valid for the environment of a pull request", () => {
    const config = parseConfig("pr-7", engineConfig(settingsOf(path.join(ROOT, "Pulumi.pr.yaml"))));
    assert.strictEqual(config.protect, false);
    assert.strictEqual(config.timeToLiveHours, 72);
  });
});
