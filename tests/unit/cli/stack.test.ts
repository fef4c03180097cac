import assert from "node:assert/strict";
import path from "node:path";

import { engineEnvironment } from "../../../cli/stack";
import { ROOT } from "../support/program";
import { withEnvironment } from "./support/environment";

const LOCAL = path.join(ROOT, ".platform");
const bare = {
  PULUMI_BACKEND_URL: undefined,
  PULUMI_CONFIG_PASSPHRASE: undefined,
  PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
};

describe("the environment of the engine", () => {
  const cases: [
    title: string,
    env: Record<string, string | undefined>,
    expected: Record<string, string>,
  ][] = [
    [
      "keeps state and passphrase on this machine, out of git's sight",
      bare,
      {
        PULUMI_BACKEND_URL: `file://${path.join(LOCAL, "state")}`,
        PULUMI_CONFIG_PASSPHRASE_FILE: path.join(LOCAL, "passphrase"),
      },
    ],
    [
      "leaves a backend and a passphrase that are given as they are",
      { ...bare, PULUMI_BACKEND_URL: "s3://state", PULUMI_CONFIG_PASSPHRASE: "given" },
      {},
    ],
    [
      "takes an empty passphrase for one that is given",
      { ...bare, PULUMI_BACKEND_URL: "s3://state", PULUMI_CONFIG_PASSPHRASE: "" },
      {},
    ],
    [
      "leaves a file with the passphrase that is given as it is",
      { ...bare, PULUMI_CONFIG_PASSPHRASE_FILE: "/run/passphrase" },
      { PULUMI_BACKEND_URL: `file://${path.join(LOCAL, "state")}` },
    ],
  ];
  for (const [title, env, expected] of cases) {
    it(title, () =>
      withEnvironment(env, () => {
        const own = Object.entries(engineEnvironment()).filter(([name]) => name in bare);
        assert.deepStrictEqual(Object.fromEntries(own), expected);
      }),
    );
  }

  it("lets no run install a plugin by itself, or ask for news", () => {
    const environment = engineEnvironment();
    assert.strictEqual(environment.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION, "true");
    assert.strictEqual(environment.PULUMI_SKIP_UPDATE_CHECK, "true");
  });
});
