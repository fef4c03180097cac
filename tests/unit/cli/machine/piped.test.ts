import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

import { FaultError } from "../../../../cli/fault";
import { feed, outputOf } from "../../../../cli/machine/piped";

const shell = (script: string) => ({ command: "sh", args: ["-c", script] });

async function read(stream: Readable): Promise<string> {
  let text = "";
  for await (const part of stream) {
    text += String(part);
  }
  return text;
}

describe("The output of a program as a stream", () => {
  it("is what it prints", async () => {
    assert.equal(await read(outputOf(shell("printf abc"))), "abc");
  });
  it("fails at its end where the program fails, with what it said", async () => {
    await assert.rejects(
      read(outputOf(shell("printf half; echo no space >&2; exit 3"))),
      (error: Error) =>
        error instanceof FaultError && /exit code 3\): no space/.test(error.message),
    );
  });
  it("fails for whoever reads, however late", async () => {
    const output = outputOf(shell("exit 3"));
    await sleep(100);
    await assert.rejects(read(output), /exit code 3/);
  });
  it("names a program that is not there", async () => {
    await assert.rejects(read(outputOf({ command: "no-such-tool", args: [] })), /no-such-tool/);
  });
});

describe("A program that reads a stream", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "learning-platform-piped-"))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const many = () => Readable.from(Array.from({ length: 200 }, () => Buffer.alloc(65_536, "x")));

  it("gets all of it", async () => {
    const file = join(folder, "out");
    await feed(shell(`cat > '${file}'`), Readable.from([Buffer.from("abc")]));
    assert.equal(readFileSync(file, "utf8"), "abc");
  });
  it("that stops reading says why", async () => {
    await assert.rejects(feed(shell("echo bad input >&2; exit 1"), many()), /bad input/);
  });
  it("has failed where the stream fails, and the stream says why", async () => {
    const fails = Readable.from(
      (function* () {
        yield Buffer.from("x");
        throw new FaultError(["it was changed"]);
      })(),
    );
    await assert.rejects(feed(shell("cat >/dev/null"), fails), /it was changed/);
  });
});
