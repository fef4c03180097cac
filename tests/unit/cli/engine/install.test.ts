import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { ENGINE_VERSION, inspectPlugins } from "../../../../cli/engine/install";
import { recipeOf } from "../../../../offline/plugins/recipe";
import { dependencies } from "../../../../package.json";
import { ROOT } from "../../support/program";

const OFFLINE = path.join(ROOT, "offline");
const REDUCED = ["postgresql", "random"] as const;

function write(file: string, text = "") {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

describe("installing the engine", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(path.join(os.tmpdir(), "learning-platform-engine-"));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  /** Runs the compiled code, as the commands do, in a process that finds no engine and whose downloads fail. */
  it("says why the download failed", function () {
    this.timeout(30_000);
    const noNetwork = path.join(home, "no-network.cjs");
    write(noNetwork, 'globalThis.fetch = async () => { throw new Error("no network"); };');
    const code = `
      const { ensureEngine } = require("./runtime/compile").load("cli/engine/install.ts");
      ensureEngine("never", console.log).catch((error) => console.log(error.name, error.message));`;
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", code], {
      cwd: ROOT,
      encoding: "utf8",
      env: { ...process.env, PULUMI_HOME: home, NODE_OPTIONS: `--require=${noNetwork}` },
    });
    assert.equal(
      stdout,
      `Downloading the Pulumi engine ${ENGINE_VERSION} ...\n` +
        "FaultError - The Pulumi engine could not be downloaded: pulumi: no network\n",
      stderr,
    );
  });
});

describe("building the engine", () => {
  it("leaves the checkout as it is: go, which adds to go.sum, runs in copies of the modules alone", () => {
    const script = readFileSync(path.join(OFFLINE, "install-engine.sh"), "utf8");
    const folders = [...script.matchAll(/\bcd "([^"]+)" && go /g)].map(([, folder]) => folder);
    assert.ok(folders.length >= 2);
    assert.deepEqual(
      folders.filter((folder) => !folder.startsWith("$work/")),
      [],
    );
  });
});

describe("an installed engine", () => {
  let home: string;
  const directory = (name: "docker" | "kafka" | (typeof REDUCED)[number]) =>
    path.join(home, "plugins", `resource-${name}-v${dependencies[`@pulumi/${name}`]}`);
  /** What install-engine.sh --check says of the plugins that are not in order. */
  const checked = () => {
    const env = { ...process.env, PULUMI_HOME: home, XDG_CACHE_HOME: path.join(home, "cache") };
    const script = path.join(OFFLINE, "install-engine.sh");
    const { stdout } = spawnSync("bash", [script, "--check"], { env, encoding: "utf8" });
    return stdout.split("\n").filter((line) => /^plugin /.test(line) && !/already/.test(line));
  };
  const names = (plugins: { name: string }[]) => plugins.map(({ name }) => name);

  beforeEach(() => {
    home = mkdtempSync(path.join(os.tmpdir(), "learning-platform-engine-"));
    for (const file of ["pulumi", "pulumi-language-nodejs"]) {
      write(path.join(home, "versions", ENGINE_VERSION, "bin", file));
    }
    for (const name of ["docker", "kafka"] as const) {
      write(path.join(directory(name), `pulumi-resource-${name}`));
    }
    for (const name of REDUCED) {
      write(path.join(directory(name), "index.js"));
      write(path.join(directory(name), "recipe"), `${recipeOf(name)}\n`);
    }
  });
  afterEach(() => rmSync(home, { recursive: true }));

  it("is up to date with plugins of the current recipes", () => {
    const { missing, reduced, stale } = inspectPlugins(home);
    assert.deepEqual([names(missing), names(reduced), names(stale)], [[], REDUCED, []]);
    assert.deepEqual(checked(), []);
  });

  for (const [title, recipe] of [
    ["of another recipe", "0123456789abcdef\n"],
    ["from before there were recipes", undefined],
  ] as const) {
    it(`reinstalls a reduced plugin ${title}`, () => {
      const file = path.join(directory("postgresql"), "recipe");
      if (recipe === undefined) {
        rmSync(file);
      } else {
        writeFileSync(file, recipe);
      }
      assert.deepEqual(names(inspectPlugins(home).stale), ["postgresql"]);
      const version = dependencies["@pulumi/postgresql"];
      assert.deepEqual(checked(), [`plugin postgresql ${version} (reduced): outdated`]);
    });
  }

  it("keeps a real plugin in place of a reduced one", () => {
    rmSync(directory("postgresql"), { recursive: true });
    write(path.join(directory("postgresql"), "pulumi-resource-postgresql"));
    const { reduced, stale } = inspectPlugins(home);
    assert.deepEqual([names(reduced), names(stale)], [["random"], []]);
    assert.deepEqual(checked(), []);
  });

  it("reports a plugin as missing where its download broke off", () => {
    write(`${directory("kafka")}.partial`);
    assert.deepEqual(names(inspectPlugins(home).missing), ["kafka"]);
  });
});

describe("the recipe of a reduced plugin", () => {
  let copy: string;
  before(() => {
    copy = mkdtempSync(path.join(os.tmpdir(), "learning-platform-recipe-"));
    const filter = (source: string) => path.basename(source) !== "node_modules";
    cpSync(path.join(OFFLINE, "plugins"), copy, { recursive: true, filter });
  });
  after(() => rmSync(copy, { recursive: true }));

  it("does not depend on the folder, and differs between plugins", () => {
    for (const name of REDUCED) {
      assert.match(recipeOf(name), /^[0-9a-f]{16}$/);
      assert.equal(recipeOf(name, copy), recipeOf(name));
    }
    assert.notEqual(recipeOf("postgresql"), recipeOf("random"));
  });

  const changes: [file: string, changes: boolean][] = [
    ["postgresql/resources/role.js", true],
    ["postgresql/package-lock.json", true],
    ["provider-server.js", true],
    ["provider-values.js", true],
    ["postgresql/new.js", true],
    ["random/index.js", false],
    ["postgresql/README.md", false],
    ["postgresql/node_modules/pg/index.js", false],
  ];
  for (const [file, isChanged] of changes) {
    it(`${isChanged ? "changes" : "stays"} with ${file}`, () => {
      const before = recipeOf("postgresql", copy);
      mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
      writeFileSync(path.join(copy, file), `changed ${file}`);
      assert.equal(recipeOf("postgresql", copy) !== before, isChanged);
    });
  }
});
