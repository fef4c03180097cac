import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ROOT } from "../../../cli/paths";
import { Act, commitAll, findAct, succeeded } from "../support/act";

const PULL_REQUEST = { number: 7, head: { repo: { full_name: "somebody/platform" } } };

/** What the workflow runs, in place of suites of minutes: each says what ran, and fails where it is told to. */
const RUN = `echo "test $SET_UP_NODE" >> ran
[ "$SET_UP_NODE" != "$FAILS_ON" ]`;
const VERIFY = `echo "real $SET_UP_NODE $*" >> ran
mkdir -p "$2" && echo report > "$2/verification.md"
[ -z "$FAILS_ON" ]`;

describe("The workflow ci", () => {
  let folder: string;
  let binary: string;
  let act: Act;

  before(function () {
    binary = findAct() ?? this.skip();
  });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "learning-platform-ci-"));
    for (const name of [".ci", ".github"]) {
      mkdirSync(join(folder, name));
    }
    cpSync(join(ROOT, ".github", "workflows"), join(folder, ".github", "workflows"), {
      recursive: true,
    });
    writeFileSync(join(folder, ".ci", "run"), RUN);
    writeFileSync(join(folder, "verify"), VERIFY);
    const scripts = { "verify:real": "bash verify" };
    writeFileSync(join(folder, "package.json"), JSON.stringify({ scripts }));
    await commitAll(folder);
  });

  afterEach(() => {
    act?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs it in a repository that has no machine of its own: it needs none. */
  const ci = (event: string, payload: unknown, failsOn = "") => {
    act = new Act(binary, folder, { FAILS_ON: failsOn });
    return act.run("ci", event, payload, { hasRunners: false });
  };

  /** What ran. The jobs run at the same time. */
  const ran = () => readFileSync(join(folder, "ran"), "utf8").trim().split("\n").sort();

  const ALL = ["real 22 --output verification", "test 20", "test 22", "test 24"];

  const events: [event: string, payload: unknown][] = [
    ["push", { ref: "refs/heads/main" }],
    ["pull_request", { action: "opened", pull_request: PULL_REQUEST }],
    ["workflow_dispatch", {}],
  ];
  for (const [event, payload] of events) {
    it(`runs the suites on each Node.js, and the real images, on ${event}`, async () => {
      succeeded(await ci(event, payload));
      assert.deepStrictEqual(ran(), ALL);
      assert.deepStrictEqual(act.artefact("verification"), { "verification.md": "report\n" });
    });
  }

  it("fails if one job fails, runs the others to their ends, and keeps the report", async () => {
    const { code, stdout } = await ci(...events[0], "22");
    assert.strictEqual(code, 1);
    assert.deepStrictEqual(ran(), ALL);
    assert.match(stdout, /Node\.js 22.*Job failed/);
    // What ran says that the others came to their ends: act may end before it prints that.
    for (const node of [20, 24]) {
      assert.doesNotMatch(stdout, new RegExp(`Node\\.js ${node}.*❌.*Main bash`));
    }
    assert.deepStrictEqual(Object.keys(act.artefact("verification")), ["verification.md"]);
  });
});
