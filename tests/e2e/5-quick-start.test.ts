import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { delimiter, dirname } from "node:path";

import { satisfies } from "semver";

import { run } from "../../cli/machine/run";
import { nodeOf } from "../../tools/node-version";
import { hasJdk, NO_JDK } from "../support/maven";
import { scriptOf, withoutSections } from "../support/task-page";
import { withoutStacksOfOthers } from "./support/checkout";
import { platform } from "./support/hooks";

const START = "Start the service in ";
const LANGUAGES = ["TypeScript", "Kotlin"];

/** What the client, and the example, need. The platform's own commands run on older versions. */
const NODE = ">=22.22";

/** Where a command of the page fails, nothing of it goes on. */
const END_ALL = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n";

describe("docs/quick-start.md", function () {
  this.timeout(300_000);

  let page: string;
  let files: Set<string>;

  before(() => {
    const { checkout } = platform();
    page = readFileSync(checkout.path("docs", "quick-start.md"), "utf8");
    files = new Set(Object.keys(checkout.fingerprint()));
  });
  after(() => {
    const { checkout } = platform();
    for (const folder of ["typescript-service/node_modules", "spring-service/target"]) {
      rmSync(checkout.path("examples", folder), { recursive: true, force: true });
    }
    for (const file of Object.keys(checkout.fingerprint()).filter((each) => !files.has(each))) {
      rmSync(checkout.path(file));
    }
  });

  for (const language of LANGUAGES) {
    it(`leads to a row, a cached value and an event in ${language}`, async function () {
      if (language === "Kotlin" && !hasJdk()) {
        process.stdout.write(NO_JDK);
        this.skip();
      }
      const others = LANGUAGES.filter((each) => each !== language);
      const text = withoutSections(
        page,
        others.map((each) => START + each),
      );
      const { code, stdout, stderr } = await run("bash", ["-c", END_ALL + scriptOf(text)], {
        cwd: platform().checkout.root,
        env: { ...withoutStacksOfOthers(), PATH: pathWithNode() },
        timeoutMs: 280_000,
      });
      assert.equal(code, 0, `${stdout}${stderr}`);
      const [, id] = /"id":"([0-9a-f-]{36})"/.exec(stdout)!;
      assert.match(stdout, /^ ann-\d+@example\.com \| /m, "a row");
      assert.match(stdout, /^1[6-9]\d\d$/m, "a cached value");
      const events = stdout.split("\n").filter((line) => line.includes("user.registered.v1"));
      assert.ok(events.length === 1 && events[0].includes(`"subject":"${id}"`), "an event");
      assert.match(stdout, new RegExp(`"id":"${id}".*PRO_USER`), "an event of another service");
      assert.match(stdout, /^DELETE 1$/m);
    });
  }
});

/** The PATH with a Node.js that the client supports. */
function pathWithNode(): string {
  const { PATH = "" } = process.env;
  return satisfies(process.versions.node, NODE)
    ? PATH
    : [dirname(nodeOf("22")), PATH].join(delimiter);
}
