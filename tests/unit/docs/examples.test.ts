import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { parse } from "yaml";

import { parseConfig } from "../../../config";
import { containersOf, PASSWORD_VARIABLES } from "../../../config-servers";
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

  it("are those of staging and prod, and of servers that exist", () => {
    assert.deepStrictEqual(files, [
      ...["Pulumi.aws.yaml", "Pulumi.kubernetes.yaml", "Pulumi.prod.yaml"],
      ...["Pulumi.serverless.yaml", "Pulumi.staging.yaml"],
    ]);
  });

  /** Every password is given by the environment or encrypted, and each file of authorities is there. */
  const sources = {
    isSecret: () => true,
    environment: Object.fromEntries(
      Object.values(PASSWORD_VARIABLES).map((variable) => [variable, "password"]),
    ),
  };
  const withoutFiles = (settings: Settings): Settings =>
    JSON.parse(JSON.stringify(settings), (key, value: unknown) =>
      key === "caFile" ? undefined : key === "password" ? "encrypted" : value,
    ) as Settings;

  for (const file of files) {
    it(`in ${file} are valid, and protect the data`, () => {
      const config = parseConfig(
        file.split(".")[1],
        engineConfig(withoutFiles(settingsOf(path.join(FOLDER, file)))),
        sources,
      );
      const runsContainers = file === "Pulumi.prod.yaml" || file === "Pulumi.staging.yaml";
      assert.strictEqual(containersOf(config).length > 0, runsContainers);
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
