import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { parse } from "yaml";

import { ROOT } from "../../cli/paths";

interface Job {
  "timeout-minutes"?: number;
  permissions?: Record<string, string>;
  "runs-on": string | string[];
  if?: string;
  steps: { uses?: string; run?: string; with?: Record<string, unknown> }[];
}

interface Workflow {
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  concurrency?: { group?: string; "cancel-in-progress"?: boolean };
  jobs: Record<string, Job>;
}

const FOLDER = path.join(ROOT, ".github", "workflows");
const { scripts } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

/** What the code of a pull request must not get. */
const MAY_WRITE = new Set(["report.yml"]);

describe("the workflows", () => {
  const files = readdirSync(FOLDER);
  const texts = new Map(files.map((file) => [file, readFileSync(path.join(FOLDER, file), "utf8")]));
  const versions = new Map<string, Set<string>>();

  it("are those that the documentation describes", () => {
    const page = readFileSync(path.join(ROOT, "docs", "pull-requests.md"), "utf8");
    assert.deepStrictEqual(
      files.map((file) => path.basename(file, ".yml")),
      [...page.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name).sort(),
    );
  });

  for (const [file, text] of texts) {
    const workflow = parse(text) as Workflow;
    const jobs = Object.entries(workflow.jobs);
    const steps = jobs.flatMap(([, job]) => job.steps);

    describe(file, () => {
      it("pins each action by its commit, with the version beside it", () => {
        const uses = [...text.matchAll(/uses: (.*)/g)].map(([, line]) => line);
        assert.ok(uses.length > 0);
        for (const line of uses) {
          assert.match(line, /^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
          const [action] = line.split("@");
          versions.set(action, (versions.get(action) ?? new Set()).add(line));
        }
      });

      it("has no right that a job does not name, and writes nothing where others' code runs", () => {
        assert.deepStrictEqual(workflow.permissions, {});
        for (const [name, { permissions }] of jobs) {
          assert.ok(permissions, name);
          const writes = Object.values(permissions).includes("write");
          assert.ok(!writes || MAY_WRITE.has(file), name);
        }
      });

      it("is never cancelled in the middle, and has a limit of time", () => {
        assert.ok(workflow.concurrency?.group);
        assert.strictEqual(workflow.concurrency["cancel-in-progress"], false);
        assert.doesNotMatch(text, /cancel-in-progress: (?!false)/);
        for (const [name, job] of jobs) {
          assert.ok(job["timeout-minutes"], name);
        }
      });

      it("leaves no token in the checkout, and hands no event to a script by its text", () => {
        const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
        assert.strictEqual(checkouts.length, jobs.length);
        assert.ok(checkouts.every((step) => step.with?.["persist-credentials"] === false));
        assert.ok(steps.every(({ run = "" }) => !run.includes("${{")));
        assert.ok(!("pull_request_target" in workflow.on));
      });

      it("runs commands that there are", () => {
        const commands = steps.flatMap(({ run = "" }) => [
          ...run.matchAll(/npm run (?:-s )?(\S+)/g),
        ]);
        for (const [, name] of commands) {
          assert.ok(name in scripts, name);
        }
      });

      it("lets no fork on a machine that lasts", () => {
        for (const [name, job] of jobs) {
          const isOwn = Array.isArray(job["runs-on"]) && "pull_request" in workflow.on;
          const condition = /head\.repo\.full_name == github\.repository/;
          assert.ok(!isOwn || condition.test(job.if ?? ""), name);
        }
      });
    });
  }

  it("use one version of each action", () => {
    for (const [action, lines] of versions) {
      assert.strictEqual(lines.size, 1, action);
    }
  });
});
