import assert from "node:assert/strict";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

import { writePrivateFile } from "../../../../cli/machine/private-file";
import { withFolder } from "../support/folder";

const modeOf = (file: string) => statSync(file).mode & 0o777;

describe("a private file", () => {
  it("can be read by its owner only, and nothing is left beside it", () =>
    withFolder((folder) => {
      const file = path.join(folder, ".env");
      writePrivateFile(file, "A=1\n");
      assert.equal(readFileSync(file, "utf8"), "A=1\n");
      assert.equal(modeOf(file), 0o600);
      assert.deepEqual(readdirSync(folder), [".env"]);
    }));

  it("takes the place of a file that others can read, in which nothing secret is ever written", () =>
    withFolder((folder) => {
      const file = path.join(folder, ".env");
      writeFileSync(file, "old", { mode: 0o644 });
      const { ino } = statSync(file);
      writePrivateFile(file, "new");
      assert.equal(readFileSync(file, "utf8"), "new");
      assert.equal(modeOf(file), 0o600);
      assert.notEqual(statSync(file).ino, ino);
    }));

  it("is not written through a link", () =>
    withFolder((folder) => {
      const target = path.join(folder, "target");
      writeFileSync(target, "old");
      symlinkSync(target, path.join(folder, "link"));
      assert.throws(() => writePrivateFile(path.join(folder, "link"), "new"), {
        name: "FaultError",
        message: /link was not written: it is a symbolic link/,
      });
      assert.equal(readFileSync(target, "utf8"), "old");
      assert.deepEqual(readdirSync(folder), ["link", "target"]);
    }));

  it("is refused in place of a folder, and in a folder that does not exist", () =>
    withFolder((folder) => {
      mkdirSync(path.join(folder, "a"));
      for (const [name, message] of [
        ["a", /no regular file/],
        ["b/.env", /no such file or directory/],
      ] as const) {
        assert.throws(() => writePrivateFile(path.join(folder, name), "new"), {
          name: "FaultError",
          message,
        });
      }
    }));
});
