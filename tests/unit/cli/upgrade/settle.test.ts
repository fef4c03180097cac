import assert from "node:assert/strict";

import { settingsFaults, withVersion } from "../../../../cli/upgrade/settle";

const VERSION = { image: "postgres:17-alpine", major: 17 } as const;

describe("the settings of a stack after an upgrade", () => {
  it("name image and version, and keep what people wrote", () => {
    const before = [
      "# Ours.",
      "config:",
      "  learning-platform:tls: true # always",
      "  learning-platform:postgresImage: postgres:16-alpine",
      "",
    ];
    const changed = "  learning-platform:postgresImage: postgres:17-alpine";
    assert.deepEqual(withVersion(before.join("\n"), VERSION).split("\n"), [
      ...before.slice(0, 3),
      changed,
      "  learning-platform:postgresMajor: 17",
      "",
    ]);
  });

  it("are written where there was no file", () => {
    assert.equal(
      withVersion("", VERSION),
      "config:\n  learning-platform:postgresImage: postgres:17-alpine\n  learning-platform:postgresMajor: 17\n",
    );
  });

  it("are not those of all environments of pull requests", () => {
    assert.match(settingsFaults("pr-7")[0], /Pulumi\.pr\.yaml.* copy it to Pulumi\.pr-7\.yaml/);
    assert.deepEqual(settingsFaults("dev"), []);
  });
});
