import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import {
  archiveFile,
  archiveSettings,
} from "../../../../../components/postgres/wal-archive/settings";

const FILE = "000000010000000000000001";

describe("the scripts by which PostgreSQL asks for its archive", function () {
  this.timeout(30_000);
  let home: string;
  let data: string;

  beforeEach(function () {
    if (process.platform === "win32") {
      this.skip();
    }
    home = mkdtempSync(join(tmpdir(), "wal-archive-"));
    data = join(home, "data");
    for (const folder of ["requests", "fetched", "data/pg_wal/archive_status"]) {
      mkdirSync(join(home, folder), { recursive: true });
    }
    writeFileSync(join(data, "postmaster.pid"), "1\n2\n3\n4\n5\n6\n7\nready   \n");
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  /** Runs a script with its folder in place of the container's, and answers its request. */
  async function run(
    name: "archive-wal.sh" | "restore-wal.sh",
    args: string[],
    answer?: (request: string) => void,
  ): Promise<number> {
    const script = join(home, name);
    writeFileSync(script, archiveFile(name).replaceAll("/var/lib/platform-wal", home));
    const child = spawn("sh", [script, ...args], { cwd: data, stdio: "ignore" });
    const ended = once(child, "close");
    const folder = join(home, name === "archive-wal.sh" ? "requests" : "fetched");
    while (answer && child.exitCode === null) {
      const wanted = join(folder, `${args[0]}.wanted`);
      if (existsSync(wanted)) {
        // As the container of the archive does.
        rmSync(wanted);
        answer(join(folder, args[0]));
        break;
      }
      await sleep(10);
    }
    const [code] = (await ended) as [number];
    return code;
  }
  const beat = () => writeFileSync(join(home, "heartbeat"), "");
  const touch = (file: string) => writeFileSync(file, "");

  it("report success once the file is in the archive, and failure where it is not", async () => {
    beat();
    assert.equal(await run("archive-wal.sh", [FILE, "9"], (file) => touch(`${file}.done`)), 0);
    assert.equal(await run("archive-wal.sh", [FILE, "9"], (file) => touch(`${file}.failed`)), 1);
  });

  it("fail at once while the container of the archive is down", async () => {
    assert.equal(await run("archive-wal.sh", [FILE, "9"]), 1);
    assert.ok(!existsSync(join(home, "requests", `${FILE}.wanted`)));
  });

  it("do not take an answer that is left of an earlier attempt", async () => {
    beat();
    touch(join(home, "requests", `${FILE}.done`));
    assert.equal(await run("archive-wal.sh", [FILE, "9"], (file) => touch(`${file}.failed`)), 1);
  });

  it("give WAL up beyond the limit and note the gap, but never the history of a timeline", async () => {
    for (const name of ["a", "b", "c"]) {
      touch(join(data, "pg_wal", "archive_status", `${name}.ready`));
    }
    assert.equal(await run("archive-wal.sh", ["00000002.history", "2"]), 1);
    assert.ok(!existsSync(join(home, "gap")));
    assert.equal(await run("archive-wal.sh", [FILE, "2"]), 0);
    assert.match(readFileSync(join(home, "gap"), "utf8"), /^\d{4}-\d\d-\d\dT[\d:]+Z\n$/);
    rmSync(join(home, "gap"));
    assert.equal(await run("archive-wal.sh", [FILE, "3"]), 1);
    assert.ok(!existsSync(join(home, "gap")));
  });

  it("tell a file that is not in the archive from an archive that does not answer", async () => {
    const got = join(data, "got");
    const fetched = await run("restore-wal.sh", [FILE, got], (file) => {
      writeFileSync(file, "WAL");
      touch(`${file}.done`);
    });
    assert.equal(fetched, 0);
    assert.equal(readFileSync(got, "utf8"), "WAL");
    assert.equal(await run("restore-wal.sh", [FILE, got], (file) => touch(`${file}.none`)), 1);
    // PostgreSQL would take 1 for the end of the WAL.
    assert.equal(await run("restore-wal.sh", [FILE, got], (file) => touch(`${file}.failed`)), 255);
  });
});

describe("the settings of a server with an archive", () => {
  it("let at least as much WAL wait as the configuration says", () => {
    assert.match(String(archiveSettings(100).archive_command), / 7$/);
  });
});
