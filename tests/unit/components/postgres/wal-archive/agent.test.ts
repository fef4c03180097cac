import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { archiveFile } from "../../../../../components/postgres/wal-archive/settings";

const SYSTEM_ID = 7_305_112_233_445_566_778n;
const FILE = "000000010000000000000001";
const backupOf = (systemId: bigint, more: object = {}) => ({
  ...{ backup_id: "b1", status: "DONE", systemid: String(systemId), timeline: 1, end_xlog: "0/3" },
  ...{ begin_time_iso: "2999-01-01T00:00:00+00:00", end_time_iso: "2999-01-01T00:00:09+00:00" },
  ...more,
});

/** The commands of barman are scripts of the test: they note how they are called, and do what a file says. */
describe("the program of the archive's container", function () {
  // Each starts Python several times.
  this.timeout(30_000);
  let root: string;
  let child: ChildProcess | undefined;

  before(function () {
    if (process.platform === "win32" || spawnSync("python3", ["--version"]).status !== 0) {
      this.skip();
    }
  });
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "wal-agent-"));
    for (const folder of ["data/global", "data/pg_wal/archive_status", "home", "etc", "bin"]) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    const control = Buffer.alloc(64);
    control.writeBigUInt64LE(SYSTEM_ID, 0);
    control.writeUInt32LE(1, 48);
    writeFileSync(join(root, "data/global/pg_control"), control);
    const settings = { destination: "s3://b/p", endpoint: "http://s3", server: "dev" };
    const more = { everyHours: 24, keepDays: 14, host: "h", port: 5432, user: "u", database: "d" };
    writeFileSync(join(root, "etc/wal-archive.json"), JSON.stringify({ ...settings, ...more }));
    for (const file of ["s3-credentials", "pgpass", "restore-wal.sh"]) {
      writeFileSync(join(root, "etc", file), "");
    }
    const agent = archiveFile("agent.py")
      .replaceAll("/var/lib/postgresql/data", join(root, "data"))
      .replaceAll("/var/lib/platform-wal", join(root, "home"))
      .replaceAll("/etc/platform", join(root, "etc"));
    writeFileSync(join(root, "agent.py"), agent);
    for (const command of [
      "backup-list",
      "wal-archive",
      "wal-restore",
      "backup",
      "backup-delete",
    ]) {
      answerOf(command, "exit 0");
    }
    backups([backupOf(SYSTEM_ID)]);
  });
  afterEach(async () => {
    if (child?.exitCode === null) {
      const ended = once(child, "close");
      child.kill("SIGTERM");
      await ended;
    }
    child = undefined;
    rmSync(root, { recursive: true, force: true });
  });

  const answerOf = (command: string, script: string) =>
    writeFileSync(
      join(root, "bin", `barman-cloud-${command}`),
      `#!/bin/sh\necho "${command} $*" >>'${root}/calls'\n${script}\n`,
      { mode: 0o755 },
    );
  const backups = (list: object[]) =>
    answerOf(
      "backup-list",
      `case "$*" in *--format=json*) echo '${JSON.stringify({ backups_list: list })}';; esac`,
    );
  const env = () => ({ ...process.env, PATH: `${join(root, "bin")}:${process.env.PATH}` });
  const ask = (command: string) =>
    JSON.parse(
      execFileSync("python3", [join(root, "agent.py"), command], { env: env(), encoding: "utf8" }),
    ) as Record<string, unknown>;
  const start = () =>
    (child = spawn("python3", [join(root, "agent.py"), "run"], { env: env(), stdio: "ignore" }));
  async function until(isSo: () => boolean) {
    for (let tries = 0; !isSo(); tries++) {
      assert.ok(tries < 400, "it never came true");
      await sleep(25);
    }
  }
  const there = (file: string) => existsSync(join(root, "home", file));
  const wanted = (name: string, folder = "requests") =>
    writeFileSync(join(root, "home", folder, `${name}.wanted`), "");
  const calls = () => readFileSync(join(root, "calls"), "utf8");

  it("tells which server the data is of, and lists finished backups alone", () => {
    backups([backupOf(SYSTEM_ID), backupOf(SYSTEM_ID, { backup_id: "b2", status: "FAILED" })]);
    const { server, backups: found } = ask("archive");
    assert.deepEqual(server, { systemId: String(SYSTEM_ID), timeline: 1, history: "" });
    assert.deepEqual(
      (found as { id: string }[]).map(({ id }) => id),
      ["b1"],
    );
  });

  it("answers that a file is archived only where barman says so", async () => {
    start();
    await until(() => there("ready"));
    wanted(FILE);
    await until(() => there(`requests/${FILE}.done`));
    answerOf("wal-archive", "echo 'no route to S3' >&2; exit 4");
    wanted("00000002.history");
    await until(() => there("requests/00000002.history.failed"));
    assert.equal(ask("state").error, "no route to S3");
    assert.match(
      calls(),
      new RegExp(
        `wal-archive --endpoint-url http://s3 --gzip s3://b/p dev ${root}/data/pg_wal/${FILE}\n`,
      ),
    );
  });

  it("serves a recovery, but archives nothing into the archive of another server", async () => {
    backups([backupOf(1n)]);
    start();
    await until(() => there("status.json") && ask("state").error !== null);
    assert.match(
      String(ask("state").error),
      /holds backups of another server \(1; this one is 730/,
    );
    wanted(FILE);
    answerOf("wal-restore", "exit 1");
    wanted(FILE, "fetched");
    await until(() => there(`fetched/${FILE}.none`));
    assert.ok(
      there(`requests/${FILE}.wanted`) && !there(`requests/${FILE}.done`) && !there("ready"),
    );
  });

  it("does not take an archive that fails for one without the file", async () => {
    answerOf("wal-restore", "exit 2");
    start();
    await until(() => there("ready"));
    wanted(FILE, "fetched");
    await until(() => there(`fetched/${FILE}.failed`));
  });

  it("fetches the next files of WAL ahead, and asks again for those that were not there", async () => {
    const existing = [FILE, "000000010000000000000002"];
    answerOf(
      "wal-restore",
      `case "$5" in ${existing.join("|")}) echo WAL >"$6";; *) exit 1;; esac`,
    );
    start();
    await until(() => there("ready"));
    wanted(FILE, "fetched");
    await until(
      () => calls().includes("wal-restore") && calls().includes("000000010000000000000003"),
    );
    await until(() => there(`fetched/${FILE}.done`) && there("fetched/000000010000000000000002"));
    // It was not there when it was fetched ahead, and is there now.
    answerOf("wal-restore", `echo WAL >"$6"`);
    wanted("000000010000000000000003", "fetched");
    await until(() => there("fetched/000000010000000000000003.done"));
  });

  it("makes a base backup where there is none, and deletes those that are older than the window", async () => {
    backups([]);
    answerOf("backup", `cp '${root}/bin/later' '${root}/bin/barman-cloud-backup-list'`);
    const later = JSON.stringify({ backups_list: [backupOf(SYSTEM_ID)] });
    writeFileSync(join(root, "bin/later"), `#!/bin/sh\necho '${later}'\n`, { mode: 0o755 });
    start();
    await until(() => existsSync(join(root, "calls")) && calls().includes("backup-delete"));
    assert.match(calls(), /backup-delete .*RECOVERY WINDOW OF 14 DAYS/);
    assert.equal((ask("state").backup as { id: string }).id, "b1");
  });

  it("notes a gap until a base backup that began later has ended", async () => {
    writeFileSync(join(root, "home/gap"), "2026-03-01T00:00:00Z\n");
    assert.equal(ask("state").gap, "2026-03-01T00:00:00Z");
    start();
    await until(() => !there("gap"));
    assert.match(calls(), /^backup --endpoint-url/m);
  });

  it("says how long WAL has been waiting", () => {
    writeFileSync(join(root, "data/pg_wal/archive_status", `${FILE}.ready`), "");
    const { waitingFiles, waitingSeconds } = ask("state");
    assert.equal(waitingFiles, 1);
    assert.ok(Number(waitingSeconds) < 60);
  });

  it("says at its end that it is gone, so that PostgreSQL need not wait", async () => {
    start();
    await until(() => there("ready") && there("heartbeat"));
    const ended = once(child!, "close");
    child!.kill("SIGTERM");
    await ended;
    assert.ok(!there("heartbeat") && !there("ready"));
  });

  it("unpacks a base backup for a server that recovers, or says what barman said", () => {
    const folder = join(root, "home/recovery");
    const act = (...args: string[]) =>
      spawnSync("python3", [join(root, "agent.py"), ...args], { env: env(), encoding: "utf8" });
    answerOf("restore", 'echo 16 >"$6/PG_VERSION"');
    assert.equal(act("restore", "b1", folder).status, 0);
    assert.match(
      calls(),
      new RegExp(`restore --endpoint-url http://s3 s3://b/p dev b1 ${folder}/data\n`),
    );
    assert.ok(there("recovery/data/PG_VERSION") && there("recovery/data/recovery.signal"));
    answerOf("restore", "echo first; echo 'no such backup' >&2; exit 1");
    const failed = act("restore", "b1", folder);
    assert.deepEqual([failed.status, failed.stderr], [1, "The archive: no such backup\n"]);
    assert.ok(!there("recovery/data/PG_VERSION"));
  });

  it("ends an unpacking whose command was stopped, before it removes what there is of it", async function () {
    // It looks into /proc, as in its container.
    if (process.platform !== "linux") {
      this.skip();
    }
    const folder = join(root, "home/recovery");
    answerOf("restore", `while :; do mkdir -p "$6/base"; date >"$6/base/file"; sleep 0.05; done`);
    const unpacking = spawn("python3", [join(root, "agent.py"), "restore", "b1", folder], {
      env: env(),
      stdio: "ignore",
    });
    const ended = once(unpacking, "close");
    await until(() => there("recovery/data/base/file"));
    execFileSync("python3", [join(root, "agent.py"), "discard", folder], { env: env() });
    assert.ok(!there("recovery"));
    assert.deepEqual(await ended, [1, null]);
    await sleep(200);
    assert.ok(!there("recovery"));
  });
});
