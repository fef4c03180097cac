import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { FaultError } from "../../../cli/fault";
import { diskFault } from "../../../cli/local-state";
import { configurationFaults, engineEnvironment } from "../../../cli/stack";
import { ROOT } from "../support/program";
import { withEnvironment } from "./support/environment";

const LOCAL = path.join(ROOT, ".platform");
const PATHS = path.join(ROOT, "cli/paths.ts");
const STACK = path.join(ROOT, "cli/stack.ts");
const LOCAL_STATE = path.join(ROOT, "cli/local-state.ts");
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

/** Runs an act with the functions of a checkout that holds these files, by their paths in it, and Pulumi.yaml. */
async function inCheckout(
  files: Record<string, string>,
  act: (stack: typeof import("../../../cli/stack")) => void,
): Promise<void> {
  const root = mkdtempSync(path.join(tmpdir(), "checkout-"));
  const local = path.join(root, ".platform");
  const exports = {
    ROOT: root,
    LOCAL: local,
    PASSPHRASE_FILE: path.join(local, "passphrase"),
    STATE: path.join(local, "state"),
  } satisfies typeof import("../../../cli/paths");
  const before = [PATHS, STACK, LOCAL_STATE].map((file) => [file, require.cache[file]] as const);
  try {
    cpSync(path.join(ROOT, "Pulumi.yaml"), path.join(root, "Pulumi.yaml"));
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      writeFileSync(path.join(root, file), text);
    }
    require.cache[PATHS] = { ...require.cache[PATHS], exports } as NodeJS.Module;
    delete require.cache[STACK];
    delete require.cache[LOCAL_STATE];
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const loaded = require(STACK) as typeof import("../../../cli/stack");
    await withEnvironment(bare, () => act(loaded));
  } finally {
    for (const [file, module] of before) {
      require.cache[file] = module;
    }
    rmSync(root, { recursive: true });
  }
}

describe("the settings of a stack", () => {
  it("of dev are sound", () => {
    assert.deepStrictEqual(configurationFaults("dev"), []);
  });

  it("are the defaults, which are sound, where it has no file", () => {
    assert.deepStrictEqual(configurationFaults("of-no-file"), []);
  });

  it("are told with every fault at once, of wrong types too", () => {
    const config = {
      "learning-platform:postgresPort": "high",
      "learning-platform:protect": "yes",
      "learning-platform:extraTopics": [{ name: "trial", partitions: 0 }],
      "aws:region": "eu-central-1",
    };
    return inCheckout({ "Pulumi.trial.yaml": JSON.stringify({ config }) }, (stack) => {
      const [fault, ...others] = stack.configurationFaults("trial");
      assert.deepStrictEqual(others, []);
      const [heading, ...lines] = fault.split("\n").map((line) => line.trim());
      assert.strictEqual(heading, "The configuration of stack trial is invalid:");
      assert.deepStrictEqual(lines.sort(), [
        "aws:region is of an unknown namespace; the platform's keys begin with learning-platform:",
        "learning-platform:extraTopics[0].partitions must be 1 to 10000 partitions, got 0",
        'learning-platform:postgresPort must be a port number, got "high"',
        'learning-platform:protect must be true or false, got "yes"',
      ]);
    });
  });
});

describe("a stack that is to be taken down", () => {
  const made = { ".platform/stacks/Pulumi.trial.yaml": "encryptionsalt: v1:salt" };
  const shared = { "Pulumi.trial.yaml": "encryptionsalt: v1:salt" };

  const refused: [title: string, files: Record<string, string>, known: string][] = [
    ["where none is known", {}, "none"],
    ["beside the one that is known", made, "trial"],
    [
      "whose settings are there, but which was never made here",
      { "Pulumi.other.yaml": "" },
      "none",
    ],
  ];
  for (const [title, files, known] of refused) {
    it(`is refused ${title}`, () =>
      inCheckout(files, (stack) => {
        assert.throws(
          () => stack.refuseUnknownStack("other"),
          (error) => {
            assert.ok(error instanceof FaultError);
            assert.deepStrictEqual(error.faults, [
              `There is no stack other. Known on this machine: ${known}.`,
            ]);
            return true;
          },
        );
      }));
  }

  it("is accepted where this machine made it", () =>
    inCheckout(made, (stack) => {
      assert.doesNotThrow(() => stack.refuseUnknownStack("trial"));
    }));

  it("is accepted by the file that a team shares, with the state in a backend of theirs", () =>
    inCheckout(shared, (stack) => {
      process.env.PULUMI_BACKEND_URL = "s3://state";
      assert.doesNotThrow(() => stack.refuseUnknownStack("trial"));
      // Their backend is asked when the stack is opened.
      assert.doesNotThrow(() => stack.refuseUnknownStack("other"));
    }));
});

describe("the state on this machine", () => {
  const file = ".platform/state/.pulumi/stacks/learning-platform/trial.json";
  const load = () => {
    // Loaded anew for the checkout in which the act runs.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require(LOCAL_STATE) as typeof import("../../../cli/local-state");
  };

  it("is what the engine wrote last, or nothing", () =>
    inCheckout({ [file]: JSON.stringify({ checkpoint: { latest: { resources: [] } } }) }, () => {
      assert.deepStrictEqual(load().localState("trial"), { resources: [] });
      assert.strictEqual(load().localState("another"), undefined);
    }));

  it("that is cut off is told with the file and the way out", () =>
    inCheckout({ [file]: '{"checkpoint": {"latest": {"resour' }, () => {
      assert.throws(
        () => load().localState("trial"),
        (error: Error) =>
          error.name === "FaultError" &&
          error.message.includes(`The state of stack trial, ${file}, is cut off`) &&
          error.message.includes(
            "docker volume rm $(docker volume ls -q --filter label=learning-platform.stack=trial)",
          ),
      );
    }));

  it("needs room on its disk, as the engine leaves it cut off otherwise", () => {
    assert.strictEqual(diskFault(64), undefined);
    assert.match(diskFault(63.9) ?? "", /^The disk of \.platform.state has 63 MiB free, and 64/);
  });
});
