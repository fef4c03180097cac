import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { ROOT } from "../support/program";

describe("compiling", function () {
  this.timeout(30_000);
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "learning-platform-compile-"));
    mkdirSync(path.join(root, "node_modules"));
    symlinkSync(
      path.join(ROOT, "node_modules", "esbuild"),
      path.join(root, "node_modules", "esbuild"),
    );
    cpSync(path.join(ROOT, "runtime"), path.join(root, "runtime"), { recursive: true });
    write("greeting.ts", 'export const greeting: string = "hello";');
    write("entry.ts", 'import { greeting } from "./greeting"; console.log(greeting);');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const write = (file: string, text: string) => writeFileSync(path.join(root, file), text);

  /** Runs code in the folder, in a process of its own; returns what it prints. */
  const run = (code: string) =>
    execFileSync(process.execPath, ["-e", code], { cwd: root, encoding: "utf8" }).trim();

  const compile = (entry: string) =>
    run(`console.log(require("./runtime/compile").compile(${JSON.stringify(entry)}))`);

  const kept = () => readdirSync(path.join(root, "node_modules", ".cache", "learning-platform"));

  it("makes one file of an entry with all that it imports", () => {
    const file = compile("entry.ts");
    rmSync(path.join(root, "greeting.ts"));
    assert.strictEqual(run(`require(${JSON.stringify(file)})`), "hello");
  });

  it("gives the same file as long as no source changes", () => {
    const file = compile("entry.ts");
    // A file that were compiled again would be another one.
    writeFileSync(file, 'console.log("kept");');
    assert.strictEqual(compile("entry.ts"), file);
    assert.strictEqual(run(`require(${JSON.stringify(file)})`), "kept");
  });

  it("compiles again after a change of any source", () => {
    const before = compile("entry.ts");
    write("greeting.ts", 'export const greeting: string = "good morning";');
    const after = compile("entry.ts");
    assert.notStrictEqual(after, before);
    assert.strictEqual(run(`require(${JSON.stringify(after)})`), "good morning");
  });

  it("compiles again after a change of the dependencies", () => {
    const before = compile("entry.ts");
    write("package-lock.json", "{}");
    assert.notStrictEqual(compile("entry.ts"), before);
  });

  it("keeps entries of one content apart", () => {
    write("other.ts", 'console.log("other");');
    assert.notStrictEqual(compile("entry.ts"), compile("other.ts"));
  });

  it("loads an entry, and keeps the code that V8 compiled of it", () => {
    write(
      "entry.ts",
      'import { greeting } from "./greeting"; export const twice = greeting + greeting;',
    );
    const load = () => run('console.log(require("./runtime/compile").load("entry.ts").twice)');
    assert.strictEqual(load(), "hellohello");
    const [code] = kept().filter((file) => file.endsWith(".js.v8"));
    const file = path.join(root, "node_modules/.cache/learning-platform", code);
    const { mtimeMs } = statSync(file);
    assert.strictEqual(load(), "hellohello");
    assert.strictEqual(statSync(file).mtimeMs, mtimeMs);
  });

  it("gives an entry that it loads the whole require of Node.js", () => {
    write("entry.ts", 'export const file = require.resolve("esbuild/package.json");');
    const file = run('console.log(require("./runtime/compile").load("entry.ts").file)');
    assert.strictEqual(file, path.join(ROOT, "node_modules/esbuild/package.json"));
  });

  it("loads an entry whose kept code is damaged, and replaces that", () => {
    write("entry.ts", "export const one = 1;");
    const load = () => run('console.log(require("./runtime/compile").load("entry.ts").one)');
    load();
    const [code] = kept().filter((file) => file.endsWith(".js.v8"));
    const file = path.join(root, "node_modules/.cache/learning-platform", code);
    writeFileSync(file, readFileSync(file).subarray(0, 20));
    assert.strictEqual(load(), "1");
    assert.ok(readFileSync(file).length > 20);
  });

  it("loads an entry also where its code cannot be kept", () => {
    const folder = path.join(root, "node_modules", ".cache");
    write(
      "entry.ts",
      `import { rmSync } from "node:fs"; rmSync(${JSON.stringify(folder)}, { recursive: true }); export const one = 1;`,
    );
    assert.strictEqual(run('console.log(require("./runtime/compile").load("entry.ts").one)'), "1");
  });

  it("leaves nothing behind where the source is wrong", () => {
    write("entry.ts", "import {");
    assert.throws(() => compile("entry.ts"), /entry\.ts:1:8: ERROR: Expected identifier/);
    assert.deepStrictEqual(kept(), []);
  });

  it("keeps no more than sixty files", () => {
    compile("entry.ts");
    const [first] = kept();
    for (let other = 0; other < 70; other++) {
      write(path.join("node_modules/.cache/learning-platform", `old-${other}.js`), "");
    }
    write("greeting.ts", 'export const greeting: string = "good evening";');
    const last = compile("entry.ts");
    assert.strictEqual(kept().length, 60);
    assert.ok(existsSync(last));
    assert.ok(!kept().includes(first));
  });
});
