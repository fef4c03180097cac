/** Losses that the suite has no time for: S3 for more than a minute, and PostgreSQL with its data. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { ArchivedStack } from "../e2e/support/archived-stack";
import { docker } from "../e2e/support/docker";
import { type S3Server, startS3 } from "../e2e/support/s3-server";

const STACK = "pr-1402";
/** Of the four in a row, and of those 10,000 above. */
const S3_PORT = 9_360;
const S3_AWAY_MS = 70_000;

describe("A stack with an archive of PostgreSQL's WAL, after losses", () => {
  let s3: S3Server;
  let stack: ArchivedStack;

  before(async function () {
    s3 = await startS3(this, S3_PORT);
    stack = new ArchivedStack(STACK, s3, { tls: true });
    await stack.npmOk("up");
    await stack.until((state) => state.backup !== null);
  });
  after(async () => {
    await stack?.checkout.cleanUp(STACK);
    await s3?.remove();
  });

  it("serves and writes while S3 is away for more than a minute, says so, and catches up", async () => {
    await s3.stop();
    await stack.write("away");
    await stack.switchWal();
    await sleep(S3_AWAY_MS);
    const { waitingSeconds, error } = (await stack.state())!;
    assert.ok(waitingSeconds >= 60, String(waitingSeconds));
    assert.notEqual(error, null);
    const report = await stack.npm("verify", "--json");
    assert.match(report.stdout, /files of WAL wait, the oldest for \d+ s/);
    await s3.start();
    await stack.switchWal();
    await stack.until((state) => state.waitingFiles === 0);
    assert.deepEqual(await stack.marks(), ["away"]);
  });

  it("gives WAL up beyond the limit of what may wait, says so, and makes a new base backup", async () => {
    const first = (await stack.state())!.backup!;
    const script = await docker(
      "exec",
      `${stack.prefix}-postgres`,
      "cat",
      "/etc/platform/archive-wal.sh",
    );
    assert.match(script, /is given up/);
    await s3.stop();
    // As the server would with a limit of no file at all.
    await docker(
      ...[
        "exec",
        "--user",
        "postgres",
        "--workdir",
        "/var/lib/postgresql/data",
        `${stack.prefix}-postgres`,
      ],
      ...["sh", "/etc/platform/archive-wal.sh", "000000010000000000000001", "-1"],
    );
    assert.match((await stack.npm("status")).stdout, /it has a gap: WAL was given up/);
    await s3.start();
    const { backup } = await stack.until((state) => state.gap === null);
    assert.notEqual(backup!.id, first.id);
  });

  it("is not taken over by another server when PostgreSQL's volume is lost, and comes back from the archive", async () => {
    await stack.write("kept");
    await stack.switchWal();
    await stack.until((state) => state.waitingFiles === 0);
    await docker("rm", "-f", `${stack.prefix}-postgres`, `${stack.prefix}-wal-archiver`);
    await docker("volume", "rm", `${stack.prefix}-postgres-data`);
    const { code, stdout, stderr } = await stack.npm("up");
    assert.equal(code, 1, stdout);
    assert.match(stderr, /postgres-data is missing.*npm run recover -- --to latest/);

    const later = await stack.npm("recover", "--to", new Date().toISOString(), "--yes");
    assert.equal(later.code, 1, later.stdout);
    // The empty server that takes the place of the lost one must not write into its archive.
    assert.match(later.stdout, /the archive holds backups of another server/);
    assert.match(later.stderr, /The archive ends with a transaction of .* Nothing was changed\./);

    await stack.npmOk("recover", "--to", "latest", "--yes");
    assert.deepEqual(await stack.marks(), ["away", "kept"]);
    await stack.until(({ backup, answered }) => answered && backup?.timeline === 2);
  });

  it("takes a recovery back, and goes on from there", async () => {
    const moment = new Date();
    await sleep(1_100);
    await stack.write("later");
    await stack.npmOk("recover", "--to", moment.toISOString(), "--yes");
    assert.deepEqual(await stack.marks(), ["away", "kept"]);
    await stack.npmOk("recover", "--undo", "--yes");
    assert.deepEqual(await stack.marks(), ["away", "kept", "later"]);
    // The archive has a newer timeline now, which is not the server's.
    await stack.npmOk("recover", "--to", "latest", "--yes");
    assert.deepEqual(await stack.marks(), ["away", "kept", "later"]);
  });
});
