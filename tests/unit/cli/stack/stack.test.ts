import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { engineEnvironment } from "../../../../cli/engine/environment";
import { FaultError } from "../../../../cli/fault";
import { diskFault } from "../../../../cli/stack/local-state";
import { configurationFaults } from "../../../../cli/stack/settings";
import { ROOT } from "../../support/program";
import { withEnvironment } from "../support/environment";

const LOCAL = path.join(ROOT, ".platform");
const PATHS = path.join(ROOT, "cli/paths.ts");
const SETTINGS = path.join(ROOT, "cli/stack/settings.ts");
const LOCAL_STATE = path.join(ROOT, "cli/stack/local-state.ts");
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
      "keeps state and passphrase on this machine, where git ignores them",
      bare,
      {
        PULUMI_BACKEND_URL: `file://${path.join(LOCAL, "state")}?metadata=skip`,
        PULUMI_CONFIG_PASSPHRASE_FILE: path.join(LOCAL, "passphrase"),
      },
    ],
    [
      "keeps the backend and the passphrase that are set",
      { ...bare, PULUMI_BACKEND_URL: "s3://state", PULUMI_CONFIG_PASSPHRASE: "given" },
      { PULUMI_BACKEND_URL: "s3://state" },
    ],
    [
      "accepts an empty passphrase",
      { ...bare, PULUMI_BACKEND_URL: "s3://state", PULUMI_CONFIG_PASSPHRASE: "" },
      { PULUMI_BACKEND_URL: "s3://state" },
    ],
    [
      "reads and writes a shared folder without files of metadata, which are written in place",
      { ...bare, PULUMI_BACKEND_URL: "file:///shared/state", PULUMI_CONFIG_PASSPHRASE: "given" },
      { PULUMI_BACKEND_URL: "file:///shared/state?metadata=skip" },
    ],
    [
      "keeps what the address of a shared folder says of them",
      {
        ...bare,
        PULUMI_BACKEND_URL: "file:///shared?metadata=",
        PULUMI_CONFIG_PASSPHRASE: "given",
      },
      { PULUMI_BACKEND_URL: "file:///shared?metadata=" },
    ],
    [
      "keeps the passphrase file that is set",
      { ...bare, PULUMI_CONFIG_PASSPHRASE_FILE: "/run/passphrase" },
      { PULUMI_BACKEND_URL: `file://${path.join(LOCAL, "state")}?metadata=skip` },
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

  it("disables automatic plugin installation and update checks", () => {
    const environment = engineEnvironment();
    assert.strictEqual(environment.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION, "true");
    assert.strictEqual(environment.PULUMI_SKIP_UPDATE_CHECK, "true");
  });
});

/** Runs an act with the functions of a checkout that holds these files, by their paths in it, and Pulumi.yaml. */
async function inCheckout(
  files: Record<string, string>,
  act: (settings: typeof import("../../../../cli/stack/settings")) => void,
): Promise<void> {
  const root = mkdtempSync(path.join(tmpdir(), "checkout-"));
  const local = path.join(root, ".platform");
  const exports = {
    ROOT: root,
    LOCAL: local,
    PASSPHRASE_FILE: path.join(local, "passphrase"),
    STATE: path.join(local, "state"),
  } satisfies typeof import("../../../../cli/paths");
  const before = [PATHS, SETTINGS, LOCAL_STATE].map((file) => [file, require.cache[file]] as const);
  try {
    cpSync(path.join(ROOT, "Pulumi.yaml"), path.join(root, "Pulumi.yaml"));
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      writeFileSync(path.join(root, file), text);
    }
    require.cache[PATHS] = { ...require.cache[PATHS], exports } as NodeJS.Module;
    delete require.cache[SETTINGS];
    delete require.cache[LOCAL_STATE];
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const loaded = require(SETTINGS) as typeof import("../../../../cli/stack/settings");
    await withEnvironment(bare, () => act(loaded));
  } finally {
    for (const [file, module] of before) {
      require.cache[file] = module;
    }
    rmSync(root, { recursive: true });
  }
}

describe("the settings of a stack", () => {
  it("of dev are valid", () => {
    assert.deepStrictEqual(configurationFaults("dev"), []);
  });

  it("are the defaults, which are valid, where it has no file", () => {
    assert.deepStrictEqual(configurationFaults("of-no-file"), []);
  });

  it("leave out what a run leaves out, whatever the file says, and only of its stack", () => {
    const config = { "learning-platform:monitoring": true, "learning-platform:grafana": true };
    return inCheckout({ "Pulumi.trial.yaml": JSON.stringify({ config }) }, (settings) => {
      settings.leaveOut("trial", "grafana");
      assert.strictEqual(settings.stackConfiguration("trial").grafana, false);
      assert.strictEqual(settings.stackConfiguration("trial").monitoring, true);
      assert.strictEqual(settings.stackConfiguration("other").grafana, true);
    });
  });

  it("are refused with every fault together, wrong types, too", () => {
    const config = {
      "learning-platform:postgresPort": "high",
      "learning-platform:protect": "yes",
      "learning-platform:extraTopics": [{ name: "trial", partitions: 0 }],
      "aws:region": "eu-central-1",
    };
    return inCheckout({ "Pulumi.trial.yaml": JSON.stringify({ config }) }, (settings) => {
      const [fault, ...others] = settings.configurationFaults("trial");
      assert.deepStrictEqual(others, []);
      const [heading, ...lines] = fault.split("\n").map((line) => line.trim());
      assert.strictEqual(heading, "The configuration of stack trial is invalid:");
      assert.deepStrictEqual(lines.sort(), [
        "aws:region has an unknown namespace; the keys of the platform begin with learning-platform:",
        "learning-platform:extraTopics[0].partitions must be 1 to 10000 partitions, got 0",
        'learning-platform:postgresPort must be a port number, got "high"',
        'learning-platform:protect must be true or false, got "yes"',
      ]);
    });
  });
});

describe("a stack to destroy", () => {
  const salt = { ".platform/stacks/Pulumi.trial.yaml": "encryptionsalt: v1:salt" };
  const state = ".platform/state/.pulumi/stacks/learning-platform/trial.json";
  const made = { ...salt, [state]: '{ "checkpoint": {} }', [`${state}.bak`]: "{}" };
  const shared = { "Pulumi.trial.yaml": "encryptionsalt: v1:salt" };

  const refused: [title: string, files: Record<string, string>, known: string][] = [
    ["where no stack exists", {}, "none"],
    ["with the stack that exists", made, "trial"],
    ["which has settings, but was never created here", { "Pulumi.other.yaml": "" }, "none"],
  ];
  for (const [title, files, known] of refused) {
    it(`is refused ${title}`, () =>
      inCheckout(files, (settings) => {
        assert.throws(
          () => settings.refuseUnknownStack("other"),
          (error) => {
            assert.ok(error instanceof FaultError);
            assert.deepStrictEqual(error.faults, [
              `There is no stack other. Stacks on this machine: ${known}.`,
            ]);
            return true;
          },
        );
      }));
  }

  it("is refused where its state was lost, so that it can be created again", () =>
    inCheckout(salt, (settings) => {
      assert.throws(() => settings.refuseUnknownStack("trial"), /no stack trial\. .*: none\.$/);
      assert.strictEqual(settings.storedSalt("trial"), undefined);
    }));

  it("is accepted where this machine created it", () =>
    inCheckout(made, (settings) => {
      assert.doesNotThrow(() => settings.refuseUnknownStack("trial"));
    }));

  it("is accepted where the run that created it was killed before it wrote the salt's file", () => {
    const latest = { secrets_providers: { type: "passphrase", state: { salt: "v1:salt" } } };
    const file = ".platform/state/.pulumi/stacks/learning-platform/trial.json";
    return inCheckout({ [file]: JSON.stringify({ checkpoint: { latest } }) }, (settings) => {
      assert.doesNotThrow(() => settings.refuseUnknownStack("trial"));
      assert.strictEqual(settings.storedSalt("trial"), "v1:salt");
      assert.strictEqual(settings.storedSalt("other"), undefined);
    });
  });

  it("is accepted with a shared file, and the state in another backend", () =>
    inCheckout(shared, (settings) => {
      process.env.PULUMI_BACKEND_URL = "s3://state";
      assert.doesNotThrow(() => settings.refuseUnknownStack("trial"));
      // That backend is asked when the stack is opened.
      assert.doesNotThrow(() => settings.refuseUnknownStack("other"));
    }));
});

describe("the state on this machine", () => {
  const file = ".platform/state/.pulumi/stacks/learning-platform/trial.json";
  const load = () => {
    // Loaded again for the checkout of the test.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require(LOCAL_STATE) as typeof import("../../../../cli/stack/local-state");
  };

  it("is what the engine wrote last, or undefined", () =>
    inCheckout({ [file]: JSON.stringify({ checkpoint: { latest: { resources: [] } } }) }, () => {
      assert.deepStrictEqual(load().localState("trial"), { resources: [] });
      assert.strictEqual(load().localState("another"), undefined);
    }));

  it("that is incomplete is refused with the file and how to recover", () =>
    inCheckout({ [file]: '{"checkpoint": {"latest": {"resour' }, () => {
      assert.throws(
        () => load().localState("trial"),
        (error: Error) =>
          error.name === "FaultError" &&
          error.message.includes(`The state of stack trial, ${file}, is incomplete`) &&
          error.message.includes(
            "docker volume rm $(docker volume ls -q --filter label=learning-platform.stack=trial)",
          ),
      );
    }));

  it("needs free space on its disk, because the engine would cut it off", () => {
    assert.strictEqual(diskFault(64), undefined);
    assert.match(
      diskFault(63.9) ?? "",
      /^The disk of \.platform.state has 63 MiB free, and 64 MiB/,
    );
  });
});
