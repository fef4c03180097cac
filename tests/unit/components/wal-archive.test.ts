import assert from "node:assert/strict";

import { generatedPassword, passwordsIn, type Recorded, TYPES } from "../support/mocks";
import { DEV_SETTINGS, loading, runProgram } from "../support/program";

const SECRET = "LEARNING_PLATFORM_WAL_ARCHIVE_SECRET_ACCESS_KEY";
const KEY = "the-secret-of-the-archive";
const walArchive = {
  destination: "s3://bucket/prefix",
  endpoint: "https://s3.example.com",
  accessKeyId: "the-id",
  queueMb: 320,
};

interface Upload {
  file: string;
  content: string;
}

describe("a stack with an archive of PostgreSQL's WAL", () => {
  let recorded: Recorded;
  let without: Recorded;
  before(
    loading(async () => {
      process.env[SECRET] = KEY;
      ({ recorded } = await runProgram("dev", { ...DEV_SETTINGS, monitoring: true, walArchive }));
      ({ recorded: without } = await runProgram("dev", { ...DEV_SETTINGS, monitoring: true }));
    }),
  );
  after(() => {
    delete process.env[SECRET];
  });

  const containerOf = (role: string, from = recorded) =>
    from.only(TYPES.container, `${role}-container`);
  const uploadOf = (role: string, file: RegExp, from = recorded) =>
    (containerOf(role, from).inputs.uploads as Upload[]).find((upload) => file.test(upload.file))
      ?.content;

  it("runs one more container, and PostgreSQL archives by asking it", () => {
    assert.strictEqual(
      recorded.all(TYPES.container).length,
      without.all(TYPES.container).length + 1,
    );
    const command = containerOf("postgres").inputs.command as string[];
    assert.ok(command.includes("archive_mode=on"));
    // 320 MiB are 20 files of 16 MiB.
    assert.ok(command.includes("archive_command=sh /etc/platform/archive-wal.sh %f 20"));
    assert.match(uploadOf("postgres", /archive-wal\.sh/)!, /is given up/);
  });

  it("changes nothing of PostgreSQL where the key is not set", () => {
    const { inputs } = containerOf("postgres", without);
    assert.doesNotMatch(JSON.stringify(inputs), /archive|platform-wal|platform_backup/);
    assert.strictEqual((inputs.volumes as object[]).length, 1);
    assert.strictEqual(inputs.entrypoints, undefined);
    assert.doesNotMatch(uploadOf("postgres-exporter", /queries/, without)!, /archive/);
  });

  it("lets the archive's container read the data, and write to the shared volume alone", () => {
    assert.deepStrictEqual(containerOf("wal-archiver").inputs.volumes, [
      {
        volumeName: "learning-platform-postgres-data",
        containerPath: "/var/lib/postgresql/data",
        readOnly: true,
      },
      {
        volumeName: "learning-platform-wal-archiver-data",
        containerPath: "/var/lib/platform-wal",
      },
    ]);
    assert.deepStrictEqual(containerOf("wal-archiver").inputs.ports, []);
  });

  it("puts a file into each backup that the restore of a recovered server's backup can write over", () => {
    const uploads = containerOf("wal-archiver").inputs.uploads as {
      file: string;
      permissions: string;
    }[];
    assert.strictEqual(
      uploads.find(({ file }) => file.endsWith("/pg_hba.conf"))?.permissions,
      "0644",
    );
  });

  it("passes its key and its password in files, as secrets, and nowhere else", () => {
    assert.match(uploadOf("wal-archiver", /s3-credentials/)!, new RegExp(`= ${KEY}\n$`));
    assert.match(
      uploadOf("wal-archiver", /pgpass/)!,
      new RegExp(`:platform_backup:${generatedPassword("wal-archiver-password")}\n$`),
    );
    const { inputs, clearText, key } = containerOf("wal-archiver");
    assert.deepStrictEqual(passwordsIn(recorded, clearText), [], key);
    assert.ok(!JSON.stringify(clearText).includes(KEY));
    const shown = [inputs.envs, inputs.command, inputs.entrypoints].map((v) => JSON.stringify(v));
    assert.ok(!shown.some((text) => text.includes(KEY)));
    assert.ok(!uploadOf("wal-archiver", /wal-archive\.json/)!.includes(KEY));
  });

  it("makes backups as a role that reads settings and no row", () => {
    const { inputs } = recorded.only(TYPES.role, "wal-archiver-role");
    assert.deepStrictEqual(
      [inputs.name, inputs.roles],
      ["platform_backup", ["pg_read_all_settings", "pg_read_all_stats"]],
    );
    const grants = recorded
      .all(TYPES.grant)
      .filter((grant) => grant.inputs.role === "platform_backup");
    assert.deepStrictEqual(
      grants.map((grant) => [grant.inputs.database, grant.inputs.privileges, grant.inputs.objects]),
      [
        ["postgres", ["CONNECT"], undefined],
        [
          "postgres",
          ["EXECUTE"],
          ["pg_backup_start", "pg_backup_stop", "pg_create_restore_point", "pg_switch_wal"],
        ],
      ],
    );
    assert.deepStrictEqual(
      uploadOf("postgres", /pg_hba/)!
        .split("\n")
        .filter((line) => line.includes("platform_backup")),
      ["host postgres platform_backup all scram-sha-256"],
    );
  });

  it("is monitored", () => {
    assert.match(uploadOf("postgres-exporter", /queries/)!, /platform_postgres_archive/);
    assert.match(uploadOf("prometheus", /rules/)!, /WalArchiveBehind/);
  });
});
