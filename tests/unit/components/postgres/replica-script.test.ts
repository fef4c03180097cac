import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { REPLICA_SCRIPT } from "../../../../components/postgres/replica-script";

/** What the primary answers, and what lies in the volume. */
interface Situation {
  /** The primary's identifier; without one, it does not answer. */
  system?: string;
  /** The state of the slot; empty without a slot. */
  slot?: string;
  /** Whether there is a copy, and whether it follows a primary. */
  copy?: "standby" | "promoted";
  /** Connections that the copy needs. */
  connections?: number;
}

describe("the script of a replica", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "replica-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const data = (...names: string[]) => join(folder, "data", ...names);

  /** Runs it with programs that note how they are called; the server ends at once. */
  function start({ system, slot = "reserved", copy, connections = 100 }: Situation) {
    mkdirSync(data(), { recursive: true });
    mkdirSync(join(folder, "bin"));
    const program = (name: string, ...lines: string[]) =>
      writeFileSync(
        join(folder, "bin", name),
        ["#!/bin/sh", `echo "${name} $*" >>"${join(folder, "calls")}"`, ...lines, ""].join("\n"),
        { mode: 0o755 },
      );
    program("chown");
    program("sleep", `[ "$1" != 20 ] || exit 1`);
    program(
      "psql",
      ...(system === undefined
        ? ["exit 2"]
        : [
            `case "$*" in *system_identifier*) echo "${system}" ;; *"select wal_status"*) echo "${slot}" ;; esac`,
          ]),
    );
    program(
      "pg_controldata",
      `echo "Database system identifier:           7"`,
      `echo "max_connections setting:              ${connections}"`,
    );
    program("pg_basebackup", `mkdir "$PGDATA.new" && echo 16 >"$PGDATA.new/PG_VERSION"`);
    program("docker-entrypoint.sh");
    if (copy !== undefined) {
      mkdirSync(data("copy"));
      writeFileSync(data("copy", "PG_VERSION"), "16");
      writeFileSync(data("copy", "row"), "kept");
      if (copy === "standby") {
        writeFileSync(data("copy", "standby.signal"), "");
      }
    }
    const { status, stdout } = spawnSync(
      "/bin/sh",
      ["-c", REPLICA_SCRIPT, "--", "postgres", "-c", "max_connections=120"],
      {
        encoding: "utf8",
        timeout: 10_000,
        env: {
          PATH: `${join(folder, "bin")}:${process.env.PATH}`,
          PGDATA: data("copy"),
          ...{ REPLICA_PRIMARY: "host=p", REPLICA_SLOT: "s", REPLICA_SYNC: "", REPLICA_OWN: "f" },
        },
      },
    );
    const calls = readFileSync(join(folder, "calls"), "utf8").split("\n");
    const called = (text: string) => calls.filter((call) => call.includes(text));
    return { status, stdout, called, keptCopy: existsSync(data("copy", "row")) };
  }

  it("copies the primary into an empty volume, and starts the copy as a standby", () => {
    const { called } = start({ system: "7" });
    assert.strictEqual(called("pg_basebackup --dbname=host=p").length, 1);
    assert.ok(existsSync(data("copy", "standby.signal")));
    assert.deepStrictEqual(called("docker-entrypoint"), [
      "docker-entrypoint.sh postgres -c max_connections=120",
    ]);
  });

  it("makes the slot before the copy, unless there is one", () => {
    const { called } = start({ system: "7", slot: "" });
    assert.strictEqual(called("pg_create_physical_replication_slot('s', true)").length, 1);
  });

  it("starts a copy that the primary has the changes for", () => {
    const { called, keptCopy } = start({ system: "7", copy: "standby" });
    assert.ok(keptCopy);
    assert.deepStrictEqual(called("pg_basebackup"), []);
  });

  it("starts a copy whose changes may soon be gone", () => {
    for (const slot of ["extended", "unreserved"]) {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      assert.ok(start({ system: "7", slot, copy: "standby" }).keptCopy, slot);
    }
  });

  it("starts a copy while the primary does not answer", () => {
    const { called, keptCopy } = start({ copy: "standby" });
    assert.ok(keptCopy);
    assert.strictEqual(called("docker-entrypoint").length, 1);
  });

  for (const slot of ["lost", ""]) {
    it(`makes another copy where the primary lost the changes (slot "${slot}")`, () => {
      const { called, keptCopy } = start({ system: "7", slot, copy: "standby" });
      assert.ok(!keptCopy);
      assert.strictEqual(called("pg_drop_replication_slot").length, 1);
      assert.strictEqual(called("pg_basebackup").length, 1);
    });
  }

  it("touches no copy of another primary, as it may be the last of lost data", () => {
    const { status, stdout, called, keptCopy } = start({
      system: "8",
      slot: "",
      copy: "standby",
    });
    assert.strictEqual(status, 1);
    assert.match(stdout, /the primary is not the one that this copy was made of/);
    assert.ok(keptCopy);
    assert.deepStrictEqual(called("docker-entrypoint"), []);
  });

  it("touches no copy that was promoted", () => {
    const { called, keptCopy } = start({ system: "7", slot: "", copy: "promoted" });
    assert.ok(keptCopy);
    assert.deepStrictEqual(called("pg_basebackup"), []);
    assert.strictEqual(called("docker-entrypoint").length, 1);
  });

  it("allows as many connections as the copy's primary had, or it would not start", () => {
    const { called } = start({ system: "7", copy: "standby", connections: 300 });
    assert.deepStrictEqual(called("docker-entrypoint"), [
      "docker-entrypoint.sh postgres -c max_connections=120 -c max_connections=300",
    ]);
  });
});
